//! Installations of picosite: each server with its configuration. The configurations are the
//! documented ones, in `conf/`; the frames around them are this test's.

/// A web server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Server {
    /// With `mod_cgid`, Debian's default with a threaded MPM.
    Apache2,
    /// With `mod_cgi`, as on hosts with the prefork MPM.
    Apache2Prefork,
    Busybox,
    /// With fcgiwrap.
    Caddy,
    Lighttpd,
    MiniHttpd,
    /// With fcgiwrap.
    Nginx,
}

impl Server {
    /// The length of the listen queue. The kernel drops connections beyond it, and clients retry
    /// after 1, 3, 7, 15, 31 and 63 seconds.
    pub(crate) const fn queue(self) -> usize {
        match self {
            Self::Busybox => 9,
            Self::Apache2 | Self::Apache2Prefork | Self::Nginx => 511,
            Self::Lighttpd | Self::MiniHttpd => 1024,
            Self::Caddy => 4096,
        }
    }
}

/// What a server does not pass on, so that the checks cannot expect it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Takes {
    /// `If-None-Match` does not arrive.
    IfNoneMatch,
    /// `If-Modified-Since` does not arrive.
    IfModifiedSince,
    /// `Range` does not arrive.
    Range,
    /// `Accept-Encoding` does not arrive.
    AcceptEncoding,
    /// `OPTIONS` does not arrive.
    Options,
    /// The reply to a short body that arrives in one packet with the header is lost: mini_httpd
    /// 1.30 closes the connection once it has passed the body on, before the program starts.
    BodyWithHeader,
    /// Only URLs that end in `/` arrive.
    Files,
    /// Only `/` arrives.
    AllButHome,
}

/// One way to run picosite behind a server.
pub(crate) struct Installation {
    /// Also names its recorded environments, `tests/environments/NAME.env`.
    pub(crate) name: &'static str,
    pub(crate) server: Server,
    /// The configuration, as documented.
    pub(crate) lines: &'static str,
    /// A further file: path and content.
    pub(crate) file: Option<(&'static str, &'static str)>,
    /// Where the executable goes.
    pub(crate) program: &'static str,
    /// The mount point: what precedes every path.
    pub(crate) mount: &'static str,
    pub(crate) takes: &'static [Takes],
}

/// Where the configurations expect it.
const CGI_BIN: &str = "/usr/lib/cgi-bin/site.cgi";

pub(crate) const APACHE2_CGI_BIN: Installation = Installation {
    name: "apache2-cgi-bin",
    server: Server::Apache2,
    lines: include_str!("conf/apache2-cgi-bin.conf"),
    file: None,
    program: CGI_BIN,
    mount: "/cgi-bin/site.cgi",
    takes: &[],
};

pub(crate) const APACHE2_PREFORK: Installation =
    Installation { name: "apache2-prefork", server: Server::Apache2Prefork, ..APACHE2_CGI_BIN };

pub(crate) const APACHE2_ROOT: Installation = Installation {
    name: "apache2-root",
    lines: include_str!("conf/apache2-root.conf"),
    mount: "",
    ..APACHE2_CGI_BIN
};

pub(crate) const APACHE2_ERROR_PAGE: Installation = Installation {
    name: "apache2-error-page",
    lines: include_str!("conf/apache2-error-page.conf"),
    takes: &[Takes::Options],
    ..APACHE2_ROOT
};

pub(crate) const APACHE2_REWRITE: Installation = Installation {
    name: "apache2-rewrite",
    lines: include_str!("conf/apache2-cgi-bin.conf"),
    file: Some(("/var/www/html/.htaccess", include_str!("conf/apache2.htaccess"))),
    ..APACHE2_ROOT
};

/// In the document root, for shared hosts without a `cgi-bin`.
pub(crate) const APACHE2_HTACCESS: Installation = Installation {
    name: "apache2-htaccess",
    server: Server::Apache2Prefork,
    lines: "",
    file: Some(("/var/www/html/.htaccess", include_str!("conf/apache2-shared.htaccess"))),
    program: "/var/www/html/site.cgi",
    mount: "",
    takes: &[],
};

pub(crate) const CADDY_CGI_BIN: Installation = Installation {
    name: "caddy-cgi-bin",
    server: Server::Caddy,
    lines: include_str!("conf/caddy-cgi-bin.conf"),
    ..APACHE2_CGI_BIN
};

pub(crate) const CADDY_ROOT: Installation = Installation {
    name: "caddy-root",
    lines: include_str!("conf/caddy-root.conf"),
    mount: "",
    ..CADDY_CGI_BIN
};

pub(crate) const LIGHTTPD_CGI_BIN: Installation = Installation {
    name: "lighttpd-cgi-bin",
    server: Server::Lighttpd,
    lines: include_str!("conf/lighttpd-cgi-bin.conf"),
    ..APACHE2_CGI_BIN
};

pub(crate) const LIGHTTPD_ROOT: Installation = Installation {
    name: "lighttpd-root",
    lines: include_str!("conf/lighttpd-root.conf"),
    mount: "",
    ..LIGHTTPD_CGI_BIN
};

pub(crate) const LIGHTTPD_ERROR_PAGE: Installation = Installation {
    name: "lighttpd-error-page",
    lines: include_str!("conf/lighttpd-error-page.conf"),
    ..LIGHTTPD_ROOT
};

pub(crate) const NGINX_CGI_BIN: Installation = Installation {
    name: "nginx-cgi-bin",
    server: Server::Nginx,
    lines: include_str!("conf/nginx-cgi-bin.conf"),
    ..APACHE2_CGI_BIN
};

pub(crate) const NGINX_ROOT: Installation = Installation {
    name: "nginx-root",
    lines: include_str!("conf/nginx-root.conf"),
    mount: "",
    ..NGINX_CGI_BIN
};

/// nginx caches replies and revalidates them with picosite's validators.
pub(crate) const NGINX_CACHED: Installation = Installation {
    name: "nginx-cached",
    lines: include_str!("conf/nginx-cached.conf"),
    ..NGINX_ROOT
};

pub(crate) const BUSYBOX_CGI_BIN: Installation = Installation {
    name: "busybox-cgi-bin",
    server: Server::Busybox,
    lines: include_str!("conf/busybox.sh"),
    file: None,
    program: "/var/www/html/cgi-bin/index.cgi",
    mount: "/cgi-bin/index.cgi",
    takes: &[Takes::IfNoneMatch, Takes::Range, Takes::AcceptEncoding],
};

pub(crate) const BUSYBOX_ROOT: Installation = Installation {
    name: "busybox-root",
    mount: "",
    takes: &[Takes::IfNoneMatch, Takes::Range, Takes::AcceptEncoding, Takes::Files],
    ..BUSYBOX_CGI_BIN
};

pub(crate) const MINI_HTTPD_CGI_BIN: Installation = Installation {
    name: "mini-httpd-cgi-bin",
    server: Server::MiniHttpd,
    lines: include_str!("conf/mini-httpd.conf"),
    file: None,
    program: "/var/www/html/cgi-bin/site.cgi",
    mount: "/cgi-bin/site.cgi",
    takes: &[
        Takes::IfNoneMatch,
        Takes::IfModifiedSince,
        Takes::Range,
        Takes::AcceptEncoding,
        Takes::Options,
        Takes::BodyWithHeader,
    ],
};

pub(crate) const MINI_HTTPD_ROOT: Installation = Installation {
    name: "mini-httpd-root",
    // Undocumented: apart from the home page, everything is at `/index.cgi/…`.
    lines: "data_dir=/var/www/html\ncgipat=**.cgi\n",
    program: "/var/www/html/index.cgi",
    mount: "",
    takes: &[
        Takes::IfNoneMatch,
        Takes::IfModifiedSince,
        Takes::Range,
        Takes::AcceptEncoding,
        Takes::Options,
        Takes::BodyWithHeader,
        Takes::AllButHome,
    ],
    ..MINI_HTTPD_CGI_BIN
};
