namespace Gateway.McpHub.Serving;

/// <summary>Whether a URI can come of a template (RFC 6570): what stands outside the braces is there in order.</summary>
internal static class UriTemplates
{
    /// <summary>Whether it fits. Each expression stands for any text, also none.</summary>
    public static bool Fits(ReadOnlySpan<char> template, ReadOnlySpan<char> uri)
    {
        var open = template.IndexOf('{');
        if (open < 0)
        {
            return template.SequenceEqual(uri);
        }

        if (!uri.StartsWith(template[..open]))
        {
            return false;
        }

        uri = uri[open..];
        while (true)
        {
            var close = template.IndexOf('}');
            if (close < 0)
            {
                return false;
            }

            template = template[(close + 1)..];
            open = template.IndexOf('{');
            if (open < 0)
            {
                return uri.EndsWith(template);
            }

            var at = uri.IndexOf(template[..open]);
            if (at < 0)
            {
                return false;
            }

            uri = uri[(at + open)..];
        }
    }
}
