# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hangup_global_optspecs
    string join \n h/help V/version
end

function __fish_hangup_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hangup_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hangup_using_subcommand
    set -l cmd (__fish_hangup_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hangup -n "__fish_hangup_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hangup -n "__fish_hangup_needs_command" -s V -l version -d 'Print version'
complete -c hangup -n "__fish_hangup_needs_command" -f -a "report" -d 'Say who ended which connection, and why: the answer first, then the evidence'
complete -c hangup -n "__fish_hangup_needs_command" -f -a "show" -d 'Show one connection from its first packet to its last'
complete -c hangup -n "__fish_hangup_needs_command" -f -a "list" -d 'List connections, one a line'
complete -c hangup -n "__fish_hangup_needs_command" -f -a "explain" -d 'Explain a cause, a term or an error text in plain words; alone: list all of them'
complete -c hangup -n "__fish_hangup_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c hangup -n "__fish_hangup_needs_command" -f -a "man" -d 'Print the manual page (roff)'
complete -c hangup -n "__fish_hangup_using_subcommand report" -l at -d 'When somebody noticed it: 11:15, 11:15:30, "2015-08-17 11:15" or RFC 3339' -r
complete -c hangup -n "__fish_hangup_using_subcommand report" -l error -d 'What the program or its log said, such as "ORA-03113" or "connection reset by peer"' -r
complete -c hangup -n "__fish_hangup_using_subcommand report" -l host -d 'Only connections of this address; may be given several times' -r
complete -c hangup -n "__fish_hangup_using_subcommand report" -l port -d 'Only connections of this port; may be given several times' -r
complete -c hangup -n "__fish_hangup_using_subcommand report" -l since -d 'Only connections that were there at or after this time' -r
complete -c hangup -n "__fish_hangup_using_subcommand report" -l until -d 'Only connections that were there at or before this time' -r
complete -c hangup -n "__fish_hangup_using_subcommand report" -l only -d 'Only these endings: normal, abnormal, undecided, open or cause=ID; may be given several times' -r
complete -c hangup -n "__fish_hangup_using_subcommand report" -l format -d 'Form of the report' -r -f -a "text\t'For people'
json\t'One document of the schema hangup/1'
ndjson\t'One object a line'
csv\t'One line a connection, for spreadsheets'"
complete -c hangup -n "__fish_hangup_using_subcommand report" -s o -l output -d 'Write to this file; it appears only when it is whole' -r -F
complete -c hangup -n "__fish_hangup_using_subcommand report" -l fail-on -d 'Exit with 3 if a shown ending is of this kind' -r -f -a "abnormal\t'Abnormal endings'"
complete -c hangup -n "__fish_hangup_using_subcommand report" -l tz -d 'Time zone of times read and told, such as Europe/Berlin or +02:00; else the local one' -r
complete -c hangup -n "__fish_hangup_using_subcommand report" -l max-memory -d 'Memory to stay below, such as 512M or 4G; near it the oldest idle connections are judged early, and that is said' -r
complete -c hangup -n "__fish_hangup_using_subcommand report" -s j -l threads -d 'Threads to work with at most; else as many as there are processors. It changes nothing but the time' -r
complete -c hangup -n "__fish_hangup_using_subcommand report" -l color -d 'Whether to use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hangup -n "__fish_hangup_using_subcommand report" -s q -l quiet -d 'No progress and no remarks, only errors'
complete -c hangup -n "__fish_hangup_using_subcommand report" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hangup -n "__fish_hangup_using_subcommand show" -s c -l connection -d 'The connection\'s number, as in the report and in Wireshark\'s tcp.stream' -r
complete -c hangup -n "__fish_hangup_using_subcommand show" -s f -l frame -d 'A frame of the connection; of several captures 1:17 is frame 17 of the second' -r
complete -c hangup -n "__fish_hangup_using_subcommand show" -l tz -d 'Time zone of times read and told, such as Europe/Berlin or +02:00; else the local one' -r
complete -c hangup -n "__fish_hangup_using_subcommand show" -l max-memory -d 'Memory to stay below, such as 512M or 4G; near it the oldest idle connections are judged early, and that is said' -r
complete -c hangup -n "__fish_hangup_using_subcommand show" -s j -l threads -d 'Threads to work with at most; else as many as there are processors. It changes nothing but the time' -r
complete -c hangup -n "__fish_hangup_using_subcommand show" -l color -d 'Whether to use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hangup -n "__fish_hangup_using_subcommand show" -s q -l quiet -d 'No progress and no remarks, only errors'
complete -c hangup -n "__fish_hangup_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hangup -n "__fish_hangup_using_subcommand list" -l host -d 'Only connections of this address; may be given several times' -r
complete -c hangup -n "__fish_hangup_using_subcommand list" -l port -d 'Only connections of this port; may be given several times' -r
complete -c hangup -n "__fish_hangup_using_subcommand list" -l since -d 'Only connections that were there at or after this time' -r
complete -c hangup -n "__fish_hangup_using_subcommand list" -l until -d 'Only connections that were there at or before this time' -r
complete -c hangup -n "__fish_hangup_using_subcommand list" -l only -d 'Only these endings: normal, abnormal, undecided, open or cause=ID; may be given several times' -r
complete -c hangup -n "__fish_hangup_using_subcommand list" -l tz -d 'Time zone of times read and told, such as Europe/Berlin or +02:00; else the local one' -r
complete -c hangup -n "__fish_hangup_using_subcommand list" -l max-memory -d 'Memory to stay below, such as 512M or 4G; near it the oldest idle connections are judged early, and that is said' -r
complete -c hangup -n "__fish_hangup_using_subcommand list" -s j -l threads -d 'Threads to work with at most; else as many as there are processors. It changes nothing but the time' -r
complete -c hangup -n "__fish_hangup_using_subcommand list" -l color -d 'Whether to use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hangup -n "__fish_hangup_using_subcommand list" -s q -l quiet -d 'No progress and no remarks, only errors'
complete -c hangup -n "__fish_hangup_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hangup -n "__fish_hangup_using_subcommand explain" -l color -d 'Whether to use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hangup -n "__fish_hangup_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hangup -n "__fish_hangup_using_subcommand completions" -s h -l help -d 'Print help'
complete -c hangup -n "__fish_hangup_using_subcommand man" -s h -l help -d 'Print help'
