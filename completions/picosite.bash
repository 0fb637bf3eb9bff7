# Completion for bash.
# Generated from src/cli/commands.rs: BLESS=1 cargo test commands::

_picosite_addresses() {
    picosite list --json 2>/dev/null | sed -n 's/^  {"path": "\([^"\\ ]*\)".*/\1/p'
}

_picosite() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=
    compopt -o default
    if ((COMP_CWORD == 1)); then
        words='doctor get list pack secret serve sign thumb unpack verify warm --help --version'
    else
        case ${COMP_WORDS[1]},$before in
            doctor,--probe) : ;;
            doctor,*) words='--probe --help' ;;
            get,*) words="-i --help $(_picosite_addresses)" ;;
            list,*) words='--json --help' ;;
            pack,-o) : ;;
            pack,--onto) : ;;
            pack,--reuse) : ;;
            pack,*) words='-o --onto --reuse --help' ;;
            secret,*) words='--help' ;;
            serve,--port) compopt +o default ;;
            serve,*) words='--port --help' ;;
            sign,--mount) compopt +o default ;;
            sign,*) words='--mount --help' ;;
            thumb,*) words='--help' ;;
            unpack,*) words='--help' ;;
            verify,*) words='--help' ;;
            warm,*) words='--help' ;;
        esac
    fi
    # If no word fits, bash completes names of files.
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _picosite picosite
