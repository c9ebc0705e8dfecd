# Made by `cargo xtask completions` from the table of commands; change that, not this.
_magmad() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= words= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            run|register|show|status|doctor|check-config|show-config|config|services|logs|service303|gateway-id|ping|traceroute|generic-command|check-stateless|config-stateless|reboot|directory|call-trace|resources|service-util|upgrade|version) command=${COMP_WORDS[i]}; break ;;
        esac
    done
    case $previous in
        --bytes) COMPREPLY=($(compgen -W '' -- "$current")); return ;;
        --ca-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --capture) COMPREPLY=($(compgen -W '' -- "$current")); return ;;
        --cloud-port) COMPREPLY=($(compgen -W '' -- "$current")); return ;;
        --config-root) COMPREPLY=($(compgen -d -- "$current")); return ;;
        --display) COMPREPLY=($(compgen -W '' -- "$current")); return ;;
        --format) COMPREPLY=($(compgen -W 'python go' -- "$current")); return ;;
        --log-level) COMPREPLY=($(compgen -W 'debug info warning error' -- "$current")); return ;;
        --log-to) COMPREPLY=($(compgen -W '' -- "$current")); return ;;
        --max-hops) COMPREPLY=($(compgen -W '' -- "$current")); return ;;
        --output) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --packets) COMPREPLY=($(compgen -W '' -- "$current")); return ;;
        --profile) COMPREPLY=($(compgen -W 'standard low-bandwidth' -- "$current")); return ;;
        --seconds) COMPREPLY=($(compgen -W '' -- "$current")); return ;;
        --service|-s) COMPREPLY=($(compgen -W '' -- "$current")); return ;;
        --timeout) COMPREPLY=($(compgen -W '' -- "$current")); return ;;
        --var|-v) COMPREPLY=($(compgen -W '' -- "$current")); return ;;
    esac
    case $command in
        run) words='--profile --no-remote-exec --help --config-root --log-level --log-to --help' ;;
        register) words='--ca-file --cloud-port --no-control-proxy --json --help --config-root --log-level --log-to --help' ;;
        show) words='--format --json --help --config-root --log-level --log-to --help' ;;
        status) words='--json --help --config-root --log-level --log-to --help' ;;
        doctor) words='--offline --json --help --config-root --log-level --log-to --help' ;;
        check-config) words='--json --help --config-root --log-level --log-to --help' ;;
        show-config) words='--service --var --test --managed --json --help --config-root --log-level --log-to --help' ;;
        config) words='--service --json --help --config-root --log-level --log-to --help log-level streamer' ;;
        services) words='--json --help --config-root --log-level --log-to --help status start stop restart' ;;
        logs) words='--follow --json --help --config-root --log-level --log-to --help' ;;
        service303) words='--json --help --config-root --log-level --log-to --help info metrics log-level reload stop debug info warning error fatal' ;;
        gateway-id) words='--json --help --config-root --log-level --log-to --help' ;;
        ping) words='--packets --json --help --config-root --log-level --log-to --help' ;;
        traceroute) words='--max-hops --bytes --json --help --config-root --log-level --log-to --help' ;;
        generic-command) words='--json --help --config-root --log-level --log-to --help' ;;
        check-stateless) words='--json --help --config-root --log-level --log-to --help' ;;
        config-stateless) words='--json --help --config-root --log-level --log-to --help enable disable' ;;
        reboot) words='--json --help --config-root --log-level --log-to --help' ;;
        directory) words='--json --help --config-root --log-level --log-to --help list get update delete' ;;
        call-trace) words='--timeout --capture --display --output --json --help --config-root --log-level --log-to --help start end' ;;
        resources) words='--seconds --json --help --config-root --log-level --log-to --help' ;;
        service-util) words='--json --help --config-root --log-level --log-to --help' ;;
        upgrade) words='--json --help --config-root --log-level --log-to --help status now rollback pause boot guard restore' ;;
        version) words='--json --help --config-root --log-level --log-to --help' ;;
        *) words='run register show status doctor check-config show-config config services logs service303 gateway-id ping traceroute generic-command check-stateless config-stateless reboot directory call-trace resources service-util upgrade version help --config-root --log-level --log-to --help' ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _magmad magmad
