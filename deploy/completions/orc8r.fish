# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_orc8r_global_optspecs
    string join \n json h/help V/version
end

function __fish_orc8r_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_orc8r_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_orc8r_using_subcommand
    set -l cmd (__fish_orc8r_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c orc8r -n "__fish_orc8r_needs_command" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_needs_command" -s h -l help -d 'Print help'
complete -c orc8r -n "__fish_orc8r_needs_command" -s V -l version -d 'Print version'
complete -c orc8r -n "__fish_orc8r_needs_command" -f -a "serve" -d 'Serve gateways and operators until told to stop (SIGTERM or Ctrl-C)'
complete -c orc8r -n "__fish_orc8r_needs_command" -f -a "admin" -d 'Operators: who administers, and their certificates'
complete -c orc8r -n "__fish_orc8r_needs_command" -f -a "token" -d 'API tokens, for programs'
complete -c orc8r -n "__fish_orc8r_needs_command" -f -a "cert" -d 'Which client certificates are accepted, and the certificates of this Orchestrator'
complete -c orc8r -n "__fish_orc8r_needs_command" -f -a "doctor" -d 'Examine an Orchestrator, whether it runs or not: folder, disk, database, keys, certificates, clock, ports, backups'
complete -c orc8r -n "__fish_orc8r_needs_command" -f -a "check-config" -d 'Check the options of `orc8r serve`, which it takes too, and the files that they name; nothing is made or changed'
complete -c orc8r -n "__fish_orc8r_needs_command" -f -a "backup" -d 'Write everything that this Orchestrator knows and is into one file, while it runs'
complete -c orc8r -n "__fish_orc8r_needs_command" -f -a "restore" -d 'Bring a backup back, into a data folder and a database that are empty'
complete -c orc8r -n "__fish_orc8r_needs_command" -f -a "export" -d 'Write what is configured in a running Orchestrator, ours or an existing one, into a file'
complete -c orc8r -n "__fish_orc8r_needs_command" -f -a "import" -d 'Bring a file of `export`, or what an existing Orchestrator shows, into ours: run it again at will'
complete -c orc8r -n "__fish_orc8r_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l subscriber-keys -d 'The file with the keys that seal subscribers\' keys in the database; made at the first start' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l domain -d 'The domain under which gateways reach this Orchestrator: they call controller.DOMAIN' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l listen-gateways -d 'Where gateways with a certificate call' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l listen-bootstrap -d 'Where gateways without a certificate call, to register and to bootstrap' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l listen-rest -d 'Where operators call the REST API' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l listen-logs -d 'Where gateways send events and logs (Fluent forward protocol over TLS)' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l listen-nodes -d 'Be one of several nodes that share a database, and listen here for the others' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l listen-health -d 'Say here in plain HTTP whether it is ready (/healthz, /readyz); the REST port says it in any case, over TLS' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l public-gateways-port -d 'The port that gateways are told to call, if it is not the one listened on' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l public-bootstrap-port -d 'The same for gateways without a certificate' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l public-logs-port -d 'The same for events and logs' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l node-address -d 'Where the other nodes reach this one, if not where it listens for them' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l drain-delay -d 'When told to stop: go on taking connections for so long, while /readyz says that it is not ready' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l drain-seconds -d 'And how long calls that are under way may then go on; a second signal ends them at once' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l logs-mib -d 'How much space logs of gateways may take' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l logs-days -d 'How long logs of gateways are kept' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l events-mib -d 'How much space events may take' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l events-days -d 'How long events are kept' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l free-mib -d 'How much of the disk stays free: below, the oldest logs and events go, and then no more are taken' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l export-to -d 'An engine that events and logs are passed on to: opensearch+https://HOST:PORT, or loki+https://HOST:PORT' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l export-authorization-file -d 'A file with the value of the header Authorization that these engines want' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l export-ca-file -d 'A file with the authorities that vouch for these engines, instead of the system\'s' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l oidc -d 'Let people sign in at your own OpenID Connect provider, as this JSON file describes (docs/people.md)' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l console-tiles -d 'Take the tiles of the console\'s map from here: a URL with {z}, {x} and {y}; browsers ask that host for them' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l console-tiles-attribution -d 'Whom the map thanks for its tiles' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l metrics-days -d 'For how many days metrics are kept' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l metrics-megabytes -d 'How many megabytes of metrics are kept; the oldest go' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l metrics-remote-write -d 'Send metrics to an existing engine, too, by Prometheus remote write, such as http://prometheus:9090/api/v1/write' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l metrics-engine -d 'Have an existing engine answer queries and alert rules, such as http://prometheus:9090; it must get the metrics of all nodes' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l metrics-authorization-file -d 'A file with the value of the header Authorization that these engines want' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l metrics-ca-file -d 'A file with the authorities that vouch for these engines, instead of the system\'s' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l alerts-may-reach -d 'Addresses that are not public and may be told of alerts, such as 10.0.0.0/8 or 192.168.1.5' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l alerts-ca-file -d 'A file with authorities that vouch for who is told of alerts, beside the system\'s' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l alert-rules-folder -d 'Have an existing Prometheus evaluate alert rules, and an existing Alertmanager tell: write rule files here' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l alert-rules-reload -d 'What makes that Prometheus read them again, such as http://prometheus:9090/-/reload' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l alertmanager-file -d 'The file that the existing Alertmanager reads; it is written anew' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l alertmanager -d 'Where the existing Alertmanager is, such as http://alertmanager:9093' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l alertmanager-authorization-file -d 'A file with the value of the header Authorization that both of them want' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l log-level -d 'How much is written to the log (standard error)' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l require-token -d 'Want an API token besides the client certificate from whoever calls the REST API'
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and not __fish_seen_subcommand_from list issue remove help" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and not __fish_seen_subcommand_from list issue remove help" -s h -l help -d 'Print help'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and not __fish_seen_subcommand_from list issue remove help" -f -a "list" -d 'List the operators and what they may do'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and not __fish_seen_subcommand_from list issue remove help" -f -a "issue" -d 'Issue an operator a certificate and a key, as NAME.pem and NAME.key.pem; a new operator is made'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and not __fish_seen_subcommand_from list issue remove help" -f -a "remove" -d 'Remove an operator, and accept none of his certificates any more'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and not __fish_seen_subcommand_from list issue remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from list" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from list" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from issue" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from issue" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from issue" -l network -d 'Give the operator one network, to read and to change; ends in `:R` to read only' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from issue" -l out-dir -d 'Where to put the two files; files that are there are never replaced' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from issue" -l admin -d 'Give the operator every permission'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from issue" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from issue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from remove" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from remove" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from remove" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the operators and what they may do'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "issue" -d 'Issue an operator a certificate and a key, as NAME.pem and NAME.key.pem; a new operator is made'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove an operator, and accept none of his certificates any more'
complete -c orc8r -n "__fish_orc8r_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and not __fish_seen_subcommand_from list create revoke help" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and not __fish_seen_subcommand_from list create revoke help" -s h -l help -d 'Print help'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and not __fish_seen_subcommand_from list create revoke help" -f -a "list" -d 'List the API tokens of a user, by their first characters'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and not __fish_seen_subcommand_from list create revoke help" -f -a "create" -d 'Make an API token, and print it: it is shown this once'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and not __fish_seen_subcommand_from list create revoke help" -f -a "revoke" -d 'Take an API token away'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and not __fish_seen_subcommand_from list create revoke help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from list" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from list" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from create" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from create" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from create" -l network -d 'Allow one network, to read and to change; ends in `:R` to read only' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from create" -l new-user -d 'Make the user, too, for a program: without a password that anybody knows'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from create" -l everything -d 'Allow everything'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from create" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from revoke" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from revoke" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from revoke" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the API tokens of a user, by their first characters'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "create" -d 'Make an API token, and print it: it is shown this once'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Take an API token away'
complete -c orc8r -n "__fish_orc8r_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and not __fish_seen_subcommand_from import list revoke status renew rotate-ca help" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and not __fish_seen_subcommand_from import list revoke status renew rotate-ca help" -s h -l help -d 'Print help'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and not __fish_seen_subcommand_from import list revoke status renew rotate-ca help" -f -a "import" -d 'Accept a certificate that the client authority has issued elsewhere, as that of an operator'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and not __fish_seen_subcommand_from import list revoke status renew rotate-ca help" -f -a "list" -d 'List the accepted certificates'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and not __fish_seen_subcommand_from import list revoke status renew rotate-ca help" -f -a "revoke" -d 'Accept a certificate no longer'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and not __fish_seen_subcommand_from import list revoke status renew rotate-ca help" -f -a "status" -d 'Show the Orchestrator\'s own certificates and when they end'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and not __fish_seen_subcommand_from import list revoke status renew rotate-ca help" -f -a "renew" -d 'Make the server\'s certificate anew now; it is made anew by itself 30 days before it ends'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and not __fish_seen_subcommand_from import list revoke status renew rotate-ca help" -f -a "rotate-ca" -d 'Replace the authorities by new ones, in steps between which old and new certificates are accepted'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and not __fish_seen_subcommand_from import list revoke status renew rotate-ca help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from import" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from import" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from import" -l operator -d 'The operator\'s name' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from import" -l network -d 'Give the operator one network, to read and to change; ends in `:R` to read only' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from import" -l admin -d 'Give the operator every permission'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from import" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from list" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from list" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from revoke" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from revoke" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from revoke" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from status" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from status" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from status" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from renew" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from renew" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from renew" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from renew" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from rotate-ca" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from rotate-ca" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from rotate-ca" -l force -d 'Retire the old authorities even if operators have no other certificates'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from rotate-ca" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from rotate-ca" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from help" -f -a "import" -d 'Accept a certificate that the client authority has issued elsewhere, as that of an operator'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the accepted certificates'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Accept a certificate no longer'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show the Orchestrator\'s own certificates and when they end'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from help" -f -a "renew" -d 'Make the server\'s certificate anew now; it is made anew by itself 30 days before it ends'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from help" -f -a "rotate-ca" -d 'Replace the authorities by new ones, in steps between which old and new certificates are accepted'
complete -c orc8r -n "__fish_orc8r_using_subcommand cert; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c orc8r -n "__fish_orc8r_using_subcommand doctor" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand doctor" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand doctor" -l subscriber-keys -d 'The file with the keys that seal subscribers\' keys, if it is not in the data folder' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand doctor" -l listen-gateways -d 'Where gateways with a certificate call' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand doctor" -l listen-bootstrap -d 'Where gateways without a certificate call, to register and to bootstrap' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand doctor" -l listen-rest -d 'Where operators call the REST API' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand doctor" -l listen-logs -d 'Where gateways send events and logs (Fluent forward protocol over TLS)' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand doctor" -l listen-nodes -d 'Be one of several nodes that share a database, and listen here for the others' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand doctor" -l listen-health -d 'Say here in plain HTTP whether it is ready (/healthz, /readyz); the REST port says it in any case, over TLS' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand doctor" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l subscriber-keys -d 'The file with the keys that seal subscribers\' keys in the database; made at the first start' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l domain -d 'The domain under which gateways reach this Orchestrator: they call controller.DOMAIN' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l listen-gateways -d 'Where gateways with a certificate call' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l listen-bootstrap -d 'Where gateways without a certificate call, to register and to bootstrap' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l listen-rest -d 'Where operators call the REST API' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l listen-logs -d 'Where gateways send events and logs (Fluent forward protocol over TLS)' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l listen-nodes -d 'Be one of several nodes that share a database, and listen here for the others' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l listen-health -d 'Say here in plain HTTP whether it is ready (/healthz, /readyz); the REST port says it in any case, over TLS' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l public-gateways-port -d 'The port that gateways are told to call, if it is not the one listened on' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l public-bootstrap-port -d 'The same for gateways without a certificate' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l public-logs-port -d 'The same for events and logs' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l node-address -d 'Where the other nodes reach this one, if not where it listens for them' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l drain-delay -d 'When told to stop: go on taking connections for so long, while /readyz says that it is not ready' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l drain-seconds -d 'And how long calls that are under way may then go on; a second signal ends them at once' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l logs-mib -d 'How much space logs of gateways may take' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l logs-days -d 'How long logs of gateways are kept' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l events-mib -d 'How much space events may take' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l events-days -d 'How long events are kept' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l free-mib -d 'How much of the disk stays free: below, the oldest logs and events go, and then no more are taken' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l export-to -d 'An engine that events and logs are passed on to: opensearch+https://HOST:PORT, or loki+https://HOST:PORT' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l export-authorization-file -d 'A file with the value of the header Authorization that these engines want' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l export-ca-file -d 'A file with the authorities that vouch for these engines, instead of the system\'s' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l oidc -d 'Let people sign in at your own OpenID Connect provider, as this JSON file describes (docs/people.md)' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l console-tiles -d 'Take the tiles of the console\'s map from here: a URL with {z}, {x} and {y}; browsers ask that host for them' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l console-tiles-attribution -d 'Whom the map thanks for its tiles' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l metrics-days -d 'For how many days metrics are kept' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l metrics-megabytes -d 'How many megabytes of metrics are kept; the oldest go' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l metrics-remote-write -d 'Send metrics to an existing engine, too, by Prometheus remote write, such as http://prometheus:9090/api/v1/write' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l metrics-engine -d 'Have an existing engine answer queries and alert rules, such as http://prometheus:9090; it must get the metrics of all nodes' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l metrics-authorization-file -d 'A file with the value of the header Authorization that these engines want' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l metrics-ca-file -d 'A file with the authorities that vouch for these engines, instead of the system\'s' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l alerts-may-reach -d 'Addresses that are not public and may be told of alerts, such as 10.0.0.0/8 or 192.168.1.5' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l alerts-ca-file -d 'A file with authorities that vouch for who is told of alerts, beside the system\'s' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l alert-rules-folder -d 'Have an existing Prometheus evaluate alert rules, and an existing Alertmanager tell: write rule files here' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l alert-rules-reload -d 'What makes that Prometheus read them again, such as http://prometheus:9090/-/reload' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l alertmanager-file -d 'The file that the existing Alertmanager reads; it is written anew' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l alertmanager -d 'Where the existing Alertmanager is, such as http://alertmanager:9093' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l alertmanager-authorization-file -d 'A file with the value of the header Authorization that both of them want' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l log-level -d 'How much is written to the log (standard error)' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l require-token -d 'Want an API token besides the client certificate from whoever calls the REST API'
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand check-config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand backup" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand backup" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand backup" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand restore" -l data-dir -d 'The data folder; made at the first start of `serve`' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand restore" -l database -d 'The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand restore" -l overwrite -d 'Replace what is in the data folder and in the database'
complete -c orc8r -n "__fish_orc8r_using_subcommand restore" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c orc8r -n "__fish_orc8r_using_subcommand export" -l url -d 'The Orchestrator\'s REST API' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand export" -l cert -d 'The operator\'s certificate, PEM' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand export" -l key -d 'The key of --cert, PEM' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand export" -l token-file -d 'A file with USER:TOKEN, for an Orchestrator that wants an API token' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand export" -l ca -d 'The authorities that may vouch for the server, PEM; without it those of the system, and the data folder\'s own' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand export" -l server-name -d 'The name that the server\'s certificate has, if the URL has another one' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand export" -l data-dir -d 'The data folder of an Orchestrator on this machine, whose administrator is used when --cert is not given' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand export" -s o -l output -d 'The file, made anew and readable by its owner alone; without it, standard output' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand export" -l with-keys -d 'Write subscribers\' keys and other secrets too: keep such a file like the keys themselves'
complete -c orc8r -n "__fish_orc8r_using_subcommand export" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand export" -s h -l help -d 'Print help'
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l from -d 'Read an existing Orchestrator\'s REST API instead' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l cert -d 'The operator\'s certificate, PEM' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l key -d 'The key of --cert, PEM' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l token-file -d 'A file with USER:TOKEN, for an Orchestrator that wants an API token' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l ca -d 'The authorities that may vouch for the server, PEM; without it those of the system, and the data folder\'s own' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l server-name -d 'The name that the server\'s certificate has, if the URL has another one' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l to -d 'The Orchestrator that it is brought into' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l to-cert -d 'The operator\'s certificate there, PEM' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l to-key -d 'The key of --to-cert, PEM' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l to-token-file -d 'A file with USER:TOKEN, if it wants an API token' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l to-ca -d 'The authorities that may vouch for it, PEM' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l to-server-name -d 'The name that its certificate has, if the URL has another one' -r
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l data-dir -d 'The data folder of an Orchestrator on this machine, whose administrator is used when --to-cert is not given' -r -F
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l dry-run -d 'Write nothing; list what would be made, changed and refused'
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -l json -d 'Print one JSON document instead of text'
complete -c orc8r -n "__fish_orc8r_using_subcommand import" -s h -l help -d 'Print help'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and not __fish_seen_subcommand_from serve admin token cert doctor check-config backup restore export import help" -f -a "serve" -d 'Serve gateways and operators until told to stop (SIGTERM or Ctrl-C)'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and not __fish_seen_subcommand_from serve admin token cert doctor check-config backup restore export import help" -f -a "admin" -d 'Operators: who administers, and their certificates'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and not __fish_seen_subcommand_from serve admin token cert doctor check-config backup restore export import help" -f -a "token" -d 'API tokens, for programs'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and not __fish_seen_subcommand_from serve admin token cert doctor check-config backup restore export import help" -f -a "cert" -d 'Which client certificates are accepted, and the certificates of this Orchestrator'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and not __fish_seen_subcommand_from serve admin token cert doctor check-config backup restore export import help" -f -a "doctor" -d 'Examine an Orchestrator, whether it runs or not: folder, disk, database, keys, certificates, clock, ports, backups'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and not __fish_seen_subcommand_from serve admin token cert doctor check-config backup restore export import help" -f -a "check-config" -d 'Check the options of `orc8r serve`, which it takes too, and the files that they name; nothing is made or changed'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and not __fish_seen_subcommand_from serve admin token cert doctor check-config backup restore export import help" -f -a "backup" -d 'Write everything that this Orchestrator knows and is into one file, while it runs'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and not __fish_seen_subcommand_from serve admin token cert doctor check-config backup restore export import help" -f -a "restore" -d 'Bring a backup back, into a data folder and a database that are empty'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and not __fish_seen_subcommand_from serve admin token cert doctor check-config backup restore export import help" -f -a "export" -d 'Write what is configured in a running Orchestrator, ours or an existing one, into a file'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and not __fish_seen_subcommand_from serve admin token cert doctor check-config backup restore export import help" -f -a "import" -d 'Bring a file of `export`, or what an existing Orchestrator shows, into ours: run it again at will'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and not __fish_seen_subcommand_from serve admin token cert doctor check-config backup restore export import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "list" -d 'List the operators and what they may do'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "issue" -d 'Issue an operator a certificate and a key, as NAME.pem and NAME.key.pem; a new operator is made'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "remove" -d 'Remove an operator, and accept none of his certificates any more'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "list" -d 'List the API tokens of a user, by their first characters'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "create" -d 'Make an API token, and print it: it is shown this once'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "revoke" -d 'Take an API token away'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from cert" -f -a "import" -d 'Accept a certificate that the client authority has issued elsewhere, as that of an operator'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from cert" -f -a "list" -d 'List the accepted certificates'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from cert" -f -a "revoke" -d 'Accept a certificate no longer'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from cert" -f -a "status" -d 'Show the Orchestrator\'s own certificates and when they end'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from cert" -f -a "renew" -d 'Make the server\'s certificate anew now; it is made anew by itself 30 days before it ends'
complete -c orc8r -n "__fish_orc8r_using_subcommand help; and __fish_seen_subcommand_from cert" -f -a "rotate-ca" -d 'Replace the authorities by new ones, in steps between which old and new certificates are accepted'
