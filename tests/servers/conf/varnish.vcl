vcl 4.1;
import directors;
backend first { .host = "10.0.0.11"; .port = "80"; }
backend second { .host = "10.0.0.12"; .port = "80"; }
sub vcl_init {
    new copies = directors.round_robin();
    copies.add_backend(first);
    copies.add_backend(second);
}
sub vcl_backend_fetch {
    set bereq.backend = copies.backend();
}
sub vcl_backend_response {
    if (!beresp.http.Cache-Control && beresp.status < 400) {
        set beresp.ttl = 1m;
    }
    set beresp.grace = 1h;
    set beresp.keep = 30d;
}
