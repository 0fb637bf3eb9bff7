//! An executable with a packed site behind a server, installed without a compiler: one file
//! and no settings.

use super::visit::{Machine, Visit};
use super::{checks, installation};

/// Each of these behind a server with its documented configuration.
macro_rules! serves_its_site {
    ($($name:ident: $installation:ident on $machine:ident)*) => {$(
        #[test]
        #[ignore = "needs the web servers and the ARM release, which .ci/run provides"]
        fn $name() {
            let visit = Visit::start_packed(&installation::$installation, Machine::$machine);
            checks::every_address_has_its_page(&visit);
            checks::head_is_get_without_a_body(&visit);
            checks::the_encoding_is_the_preferred_one(&visit);
            visit.assert_quiet();
        }
    )*};
}

serves_its_site! {
    behind_apache2: APACHE2_CGI_BIN on This
    behind_busybox: BUSYBOX_CGI_BIN on This
    behind_lighttpd: LIGHTTPD_CGI_BIN on This
    behind_mini_httpd: MINI_HTTPD_CGI_BIN on This
    behind_nginx: NGINX_CGI_BIN on This
    for_arm_behind_apache2: APACHE2_CGI_BIN on Arm
    for_arm_behind_busybox: BUSYBOX_CGI_BIN on Arm
    for_arm_behind_lighttpd: LIGHTTPD_CGI_BIN on Arm
    for_arm_behind_mini_httpd: MINI_HTTPD_CGI_BIN on Arm
    for_arm_behind_nginx: NGINX_CGI_BIN on Arm
}
