//! picosite behind real web servers, installed with the documented configurations.
#![allow(missing_docs, reason = "a test")]

#[path = "../util/folder.rs"]
mod folder;
#[path = "../util/site.rs"]
mod site;

mod checks;
mod curl;
mod environments;
mod installation;
mod packed;
mod pages;
mod running;
mod visit;

/// A module of tests for each installation; every test starts its own server.
macro_rules! behind {
    ($($module:ident: $installation:ident)*) => {$(
        mod $module {
            use super::installation::$installation as INSTALLATION;

            #[test]
            #[ignore = "needs the web servers that .ci/run installs"]
            fn hands_over_the_recorded_environment() {
                super::environments::check(&INSTALLATION);
            }

            super::each_of! {
                every_address_has_its_page
                the_mount_point_redirects_to_its_slash
                a_malformed_address_gives_no_page
                head_is_get_without_a_body
                other_methods_are_refused
                options_names_the_methods
                what_the_client_has_is_not_sent_again
                a_range_is_sent_alone
                the_encoding_is_the_preferred_one
                a_crowd_gets_whole_pages
            }
        }
    )*};
}

/// The checks, as tests of the enclosing module's installation.
macro_rules! each_of {
    ($($check:ident)*) => {$(
        #[test]
        #[ignore = "needs the web servers that .ci/run installs"]
        fn $check() {
            let visit = crate::visit::Visit::start(&INSTALLATION);
            crate::checks::$check(&visit);
            visit.assert_quiet();
        }
    )*};
}
use each_of;

behind! {
    apache2_at_cgi_bin: APACHE2_CGI_BIN
    apache2_prefork: APACHE2_PREFORK
    apache2_at_the_root: APACHE2_ROOT
    apache2_as_the_error_page: APACHE2_ERROR_PAGE
    apache2_by_rewriting: APACHE2_REWRITE
    apache2_by_htaccess_alone: APACHE2_HTACCESS
    caddy_at_cgi_bin: CADDY_CGI_BIN
    caddy_at_the_root: CADDY_ROOT
    lighttpd_at_cgi_bin: LIGHTTPD_CGI_BIN
    lighttpd_at_the_root: LIGHTTPD_ROOT
    lighttpd_as_the_error_page: LIGHTTPD_ERROR_PAGE
    nginx_at_cgi_bin: NGINX_CGI_BIN
    nginx_at_the_root: NGINX_ROOT
    nginx_with_a_cache: NGINX_CACHED
    busybox_at_cgi_bin: BUSYBOX_CGI_BIN
    busybox_at_the_root: BUSYBOX_ROOT
    mini_httpd_at_cgi_bin: MINI_HTTPD_CGI_BIN
    mini_httpd_at_the_root: MINI_HTTPD_ROOT
}
