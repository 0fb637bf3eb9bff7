# Completion for fish.
# Generated from src/cli/commands.rs: BLESS=1 cargo test commands::

complete -c picosite -f
complete -c picosite -l help -d 'Explain the command'
complete -c picosite -n __fish_use_subcommand -l version -d 'Print the version'
complete -c picosite -n __fish_use_subcommand -a doctor -d 'Check this installation and print how to fix it'
complete -c picosite -n __fish_use_subcommand -a get -d 'Print the reply to a GET'
complete -c picosite -n __fish_use_subcommand -a list -d 'List the site'\''s addresses with size, type and encodings'
complete -c picosite -n __fish_use_subcommand -a pack -d 'Pack a folder into a cdb or an executable'
complete -c picosite -n __fish_use_subcommand -a secret -d 'Print a new random secret'
complete -c picosite -n __fish_use_subcommand -a serve -d 'Preview a site on 127.0.0.1'
complete -c picosite -n __fish_use_subcommand -a sign -d 'Print signed addresses of thumbnails'
complete -c picosite -n __fish_use_subcommand -a thumb -d 'Make one thumbnail, without a signature'
complete -c picosite -n __fish_use_subcommand -a unpack -d 'Extract the files of a packed site'
complete -c picosite -n __fish_use_subcommand -a verify -d 'Check signed addresses'
complete -c picosite -n __fish_use_subcommand -a warm -d 'Make thumbnails ahead of visitors'
complete -c picosite -n '__fish_seen_subcommand_from doctor' -l probe -r -F -d 'write a program that reports what the web server passes on'
complete -c picosite -n '__fish_seen_subcommand_from get' -s i -d 'print the header too'
complete -c picosite -n '__fish_seen_subcommand_from list' -l json -d 'print a JSON array'
complete -c picosite -n '__fish_seen_subcommand_from pack' -a '(__fish_complete_directories)'
complete -c picosite -n '__fish_seen_subcommand_from pack' -s o -r -F -d 'the file to write'
complete -c picosite -n '__fish_seen_subcommand_from pack' -l onto -r -F -d 'copy OTHER, perhaps for another machine, instead of this executable'
complete -c picosite -n '__fish_seen_subcommand_from pack' -l reuse -r -F -d 'take compressed forms of unchanged files from an earlier pack'
complete -c picosite -n '__fish_seen_subcommand_from serve' -a '(__fish_complete_directories)'
complete -c picosite -n '__fish_seen_subcommand_from serve' -l port -x -d 'port to listen on (8080, or a free one if that is in use)'
complete -c picosite -n '__fish_seen_subcommand_from sign' -l mount -x -d 'prefix each address with M: a path, or https://HOST and a path'
complete -c picosite -n '__fish_seen_subcommand_from thumb' -F
complete -c picosite -n '__fish_seen_subcommand_from unpack' -F
