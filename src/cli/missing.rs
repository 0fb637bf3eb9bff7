//! Stands in for the commands of a build without the feature `tools`.

use crate::cli::call::{Call, CommandError};

pub(super) fn run(_: &mut Call<'_>) -> Result<(), CommandError> {
    Err(CommandError::Usage("this picosite was built without the feature tools".into()))
}
