
use builtin;
use str;

set edit:completion:arg-completer[hangup] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'hangup'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'hangup'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand report 'Say who ended which connection, and why: the answer first, then the evidence'
            cand show 'Show one connection from its first packet to its last'
            cand list 'List connections, one a line'
            cand explain 'Explain a cause, a term or an error text in plain words; alone: list all of them'
            cand completions 'Print completions for a shell'
            cand man 'Print the manual page (roff)'
        }
        &'hangup;report'= {
            cand --at 'When somebody noticed it: 11:15, 11:15:30, "2015-08-17 11:15" or RFC 3339'
            cand --error 'What the program or its log said, such as "ORA-03113" or "connection reset by peer"'
            cand --host 'Only connections of this address; may be given several times'
            cand --port 'Only connections of this port; may be given several times'
            cand --since 'Only connections that were there at or after this time'
            cand --until 'Only connections that were there at or before this time'
            cand --only 'Only these endings: normal, abnormal, undecided, open or cause=ID; may be given several times'
            cand --format 'Form of the report'
            cand -o 'Write to this file; it appears only when it is whole'
            cand --output 'Write to this file; it appears only when it is whole'
            cand --fail-on 'Exit with 3 if a shown ending is of this kind'
            cand --tz 'Time zone of times read and told, such as Europe/Berlin or +02:00; else the local one'
            cand --max-memory 'Memory to stay below, such as 512M or 4G; near it the oldest idle connections are judged early, and that is said'
            cand -j 'Threads to work with at most; else as many as there are processors. It changes nothing but the time'
            cand --threads 'Threads to work with at most; else as many as there are processors. It changes nothing but the time'
            cand --color 'Whether to use colours'
            cand -q 'No progress and no remarks, only errors'
            cand --quiet 'No progress and no remarks, only errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hangup;show'= {
            cand -c 'The connection''s number, as in the report and in Wireshark''s tcp.stream'
            cand --connection 'The connection''s number, as in the report and in Wireshark''s tcp.stream'
            cand -f 'A frame of the connection; of several captures 1:17 is frame 17 of the second'
            cand --frame 'A frame of the connection; of several captures 1:17 is frame 17 of the second'
            cand --tz 'Time zone of times read and told, such as Europe/Berlin or +02:00; else the local one'
            cand --max-memory 'Memory to stay below, such as 512M or 4G; near it the oldest idle connections are judged early, and that is said'
            cand -j 'Threads to work with at most; else as many as there are processors. It changes nothing but the time'
            cand --threads 'Threads to work with at most; else as many as there are processors. It changes nothing but the time'
            cand --color 'Whether to use colours'
            cand -q 'No progress and no remarks, only errors'
            cand --quiet 'No progress and no remarks, only errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hangup;list'= {
            cand --host 'Only connections of this address; may be given several times'
            cand --port 'Only connections of this port; may be given several times'
            cand --since 'Only connections that were there at or after this time'
            cand --until 'Only connections that were there at or before this time'
            cand --only 'Only these endings: normal, abnormal, undecided, open or cause=ID; may be given several times'
            cand --tz 'Time zone of times read and told, such as Europe/Berlin or +02:00; else the local one'
            cand --max-memory 'Memory to stay below, such as 512M or 4G; near it the oldest idle connections are judged early, and that is said'
            cand -j 'Threads to work with at most; else as many as there are processors. It changes nothing but the time'
            cand --threads 'Threads to work with at most; else as many as there are processors. It changes nothing but the time'
            cand --color 'Whether to use colours'
            cand -q 'No progress and no remarks, only errors'
            cand --quiet 'No progress and no remarks, only errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hangup;explain'= {
            cand --color 'Whether to use colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'hangup;completions'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'hangup;man'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
    ]
    $completions[$command]
}
