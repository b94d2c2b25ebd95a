
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'hangup' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'hangup'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'hangup' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Say who ended which connection, and why: the answer first, then the evidence')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one connection from its first packet to its last')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List connections, one a line')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a cause, a term or an error text in plain words; alone: list all of them')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page (roff)')
            break
        }
        'hangup;report' {
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'When somebody noticed it: 11:15, 11:15:30, "2015-08-17 11:15" or RFC 3339')
            [CompletionResult]::new('--error', '--error', [CompletionResultType]::ParameterName, 'What the program or its log said, such as "ORA-03113" or "connection reset by peer"')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Only connections of this address; may be given several times')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Only connections of this port; may be given several times')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only connections that were there at or after this time')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only connections that were there at or before this time')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Only these endings: normal, abnormal, undecided, open or cause=ID; may be given several times')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the report')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file; it appears only when it is whole')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file; it appears only when it is whole')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Exit with 3 if a shown ending is of this kind')
            [CompletionResult]::new('--tz', '--tz', [CompletionResultType]::ParameterName, 'Time zone of times read and told, such as Europe/Berlin or +02:00; else the local one')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Memory to stay below, such as 512M or 4G; near it the oldest idle connections are judged early, and that is said')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads to work with at most; else as many as there are processors. It changes nothing but the time')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Threads to work with at most; else as many as there are processors. It changes nothing but the time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Whether to use colours')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress and no remarks, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress and no remarks, only errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hangup;show' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The connection''s number, as in the report and in Wireshark''s tcp.stream')
            [CompletionResult]::new('--connection', '--connection', [CompletionResultType]::ParameterName, 'The connection''s number, as in the report and in Wireshark''s tcp.stream')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'A frame of the connection; of several captures 1:17 is frame 17 of the second')
            [CompletionResult]::new('--frame', '--frame', [CompletionResultType]::ParameterName, 'A frame of the connection; of several captures 1:17 is frame 17 of the second')
            [CompletionResult]::new('--tz', '--tz', [CompletionResultType]::ParameterName, 'Time zone of times read and told, such as Europe/Berlin or +02:00; else the local one')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Memory to stay below, such as 512M or 4G; near it the oldest idle connections are judged early, and that is said')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads to work with at most; else as many as there are processors. It changes nothing but the time')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Threads to work with at most; else as many as there are processors. It changes nothing but the time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Whether to use colours')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress and no remarks, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress and no remarks, only errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hangup;list' {
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Only connections of this address; may be given several times')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Only connections of this port; may be given several times')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only connections that were there at or after this time')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only connections that were there at or before this time')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Only these endings: normal, abnormal, undecided, open or cause=ID; may be given several times')
            [CompletionResult]::new('--tz', '--tz', [CompletionResultType]::ParameterName, 'Time zone of times read and told, such as Europe/Berlin or +02:00; else the local one')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Memory to stay below, such as 512M or 4G; near it the oldest idle connections are judged early, and that is said')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Threads to work with at most; else as many as there are processors. It changes nothing but the time')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Threads to work with at most; else as many as there are processors. It changes nothing but the time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Whether to use colours')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress and no remarks, only errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress and no remarks, only errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hangup;explain' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Whether to use colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'hangup;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'hangup;man' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
