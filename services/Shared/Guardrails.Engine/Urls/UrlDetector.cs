using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Urls;

/// <summary>Finds URLs whose hosts are not allowed. Nothing is fetched.</summary>
public sealed class UrlDetector : IDetector
{
    private const int LongestScheme = 20;
    private const int LongestUrl = 2048;

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "urls",
        Summary = "URLs with a scheme, except those whose host is allowed («*.example.com»).",
        Members = DetectorMembers.Allow,
        HandlesAllow = true,
        Create = static settings => new UrlDetector(new AllowList(settings.Rule.Allow)),
    };

    private readonly AllowList _hosts;

    private UrlDetector(AllowList hosts) => _hosts = hosts;

    /// <inheritdoc />
    public string Name => "urls";

    /// <inheritdoc />
    public int Lookbehind => 1;

    /// <inheritdoc />
    public int Window => LongestUrl + LongestScheme + 8;

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var all = text.Text;
        var told = text.From;
        for (var at = text.From; at < all.Length && !findings.IsFull;)
        {
            var mark = all[at..].IndexOf("://", StringComparison.Ordinal);
            if (mark < 0)
            {
                break;
            }

            mark += at;
            var start = mark;
            while (start > told && mark - start < LongestScheme && char.IsAsciiLetterOrDigit(all[start - 1]))
            {
                start--;
            }

            var end = mark + 3;
            while (end < all.Length && end - start < LongestUrl && !Ends(all[end]))
            {
                end++;
            }

            if (end == all.Length && end - start < LongestUrl && !text.IsComplete)
            {
                return start;
            }

            // What ends a sentence or closes a bracket around it is no part of it.
            var last = mark + 3 + all[(mark + 3)..end].TrimEnd(".,;:!?)]'").Length;
            var host = HostOf(all[(mark + 3)..last]);
            if (start < mark && host.Length > 0 && !_hosts.Contains(host))
            {
                findings.Add(start, last - start, "url");
            }

            told = at = end;
        }

        if (text.IsComplete)
        {
            return all.Length;
        }

        // A scheme may be on its way: letters at the end, with what is there of «://».
        var tail = all.Length;
        while (tail > told && all.Length - tail < LongestScheme + 2 && (char.IsAsciiLetterOrDigit(all[tail - 1]) || all[tail - 1] is ':' or '/'))
        {
            tail--;
        }

        return tail;
    }

    private static ReadOnlySpan<char> HostOf(ReadOnlySpan<char> rest)
    {
        // Backslashes count as slashes to browsers, and what stands before «@» is not the host.
        var end = rest.IndexOfAny("/\\?#");
        var authority = end < 0 ? rest : rest[..end];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        if (authority.Length > 0 && authority[0] == '[')
        {
            return authority[..(authority.IndexOf(']') + 1)];
        }

        var port = authority.IndexOf(':');
        return (port < 0 ? authority : authority[..port]).TrimEnd(".,;:!?)");
    }

    private static bool Ends(char c) => c <= ' ' || c is '"' or '<' or '>' or '`' or '\u00a0' or '|' or '^' or '{' or '}';
}
