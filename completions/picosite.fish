# Completion of picosite's commands for fish.

complete -c picosite -f
set -l commands doctor get help list pack secret serve sign thumb unpack verify warm
set -l first "not __fish_seen_subcommand_from $commands"
complete -c picosite -n $first -a doctor -d 'Say what is wrong on this machine'
complete -c picosite -n $first -a get -d 'Show what is at an address'
complete -c picosite -n $first -a help -d 'Say what the commands are'
complete -c picosite -n $first -a list -d 'Show every address of the site'
complete -c picosite -n $first -a pack -d 'Pack a folder'
complete -c picosite -n $first -a secret -d 'Make a random secret'
complete -c picosite -n $first -a serve -d 'Preview a folder'
complete -c picosite -n $first -a sign -d 'Sign addresses of thumbnails'
complete -c picosite -n $first -a thumb -d 'Make one thumbnail'
complete -c picosite -n $first -a unpack -d 'Give back the files that were packed'
complete -c picosite -n $first -a verify -d 'Check signed addresses'
complete -c picosite -n $first -a warm -d 'Make thumbnails into the cache'
complete -c picosite -n '__fish_seen_subcommand_from pack thumb unpack serve' -F
complete -c picosite -n '__fish_seen_subcommand_from pack' -s o -r -F -d 'The file to write'
complete -c picosite -n '__fish_seen_subcommand_from pack' -l onto -r -F -d 'The executable to copy'
complete -c picosite -n '__fish_seen_subcommand_from pack' -l reuse -r -F -d 'An earlier pack'
complete -c picosite -n '__fish_seen_subcommand_from doctor' -l probe -r -F -d 'Write a program for cgi-bin'
complete -c picosite -n '__fish_seen_subcommand_from get' -s i -d 'Show the header, too'
complete -c picosite -n '__fish_seen_subcommand_from list' -l json -d 'As JSON'
complete -c picosite -n '__fish_seen_subcommand_from serve' -l port -x -d 'The port to listen on'
complete -c picosite -n '__fish_seen_subcommand_from sign' -l mount -x -d 'In front of each address'
