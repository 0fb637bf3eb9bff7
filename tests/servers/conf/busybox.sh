busybox httpd -h /var/www/html -p 80
