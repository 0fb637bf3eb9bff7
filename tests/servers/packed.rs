//! An executable that another one has packed a site into, put behind a server as a person
//! without a compiler does: that one file, and no setting.

use super::visit::{Machine, Visit};
use super::{checks, installation};

/// Each behind a server, by the lines that README gives.
macro_rules! serves_its_site {
    ($($name:ident: $installation:ident on $machine:ident)*) => {$(
        #[test]
        #[ignore = "needs the web servers and the release for ARM: .ci/run sees to both"]
        fn $name() {
            let visit = Visit::start_packed(&installation::$installation, Machine::$machine);
            checks::every_address_has_its_page(&visit);
            checks::head_is_get_without_a_body(&visit);
            checks::the_coding_is_the_one_asked_for(&visit);
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
