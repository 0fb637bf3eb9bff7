# Completion of picosite's commands for bash.

_picosite() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local words=
    compopt -o default
    if ((COMP_CWORD == 1)); then
        words='doctor get help list pack secret serve sign thumb unpack verify warm --help --version'
    else
        case ${COMP_WORDS[1]},$before in
            doctor,--probe | pack,-o | pack,--onto | pack,--reuse) ;;
            serve,--port) words=8080 ;;
            doctor,*) words=--probe ;;
            get,*) words="-i $(picosite list --json 2>/dev/null | sed -n 's/^  {"path": "\([^"\\ ]*\)".*/\1/p')" ;;
            list,*) words=--json ;;
            pack,*) words='-o --onto --reuse' ;;
            serve,*) words=--port ;;
            sign,*) words=--mount ;;
        esac
    fi
    # Names of files come where nothing else fits.
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _picosite picosite
