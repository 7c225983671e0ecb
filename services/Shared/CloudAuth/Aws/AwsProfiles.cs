namespace Gateway.CloudAuth.Aws;

/// <summary>The profiles of the shared AWS files, <c>~/.aws/credentials</c> and <c>~/.aws/config</c>; the first wins.</summary>
internal static class AwsProfiles
{
    /// <summary>The settings of a profile; null when neither file names it.</summary>
    public static async Task<IReadOnlyDictionary<string, string>?> ReadAsync(AuthContext context, string profile, CancellationToken cancellationToken)
    {
        var home = context.Variable("HOME") ?? context.Variable("USERPROFILE") ?? ".";
        var config = context.Variable("AWS_CONFIG_FILE") ?? Path.Combine(home, ".aws", "config");
        var credentials = context.Variable("AWS_SHARED_CREDENTIALS_FILE") ?? Path.Combine(home, ".aws", "credentials");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        var found = Merge(await AuthContext.ReadFileAsync(config, cancellationToken).ConfigureAwait(false), profile == "default" ? ["default", "profile default"] : ["profile " + profile], settings);
        found |= Merge(await AuthContext.ReadFileAsync(credentials, cancellationToken).ConfigureAwait(false), [profile], settings);
        return found ? settings : null;
    }

    private static bool Merge(string? text, string[] sections, Dictionary<string, string> into)
    {
        var (inside, found) = (false, false);
        foreach (var raw in (text ?? "").Split('\n'))
        {
            var line = raw.TrimEnd('\r');
            if (line.TrimStart() is [] or ['#' or ';', ..])
            {
                continue;
            }

            if (line[0] == '[')
            {
                var name = string.Join(' ', line.Trim().Trim('[', ']').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                inside = sections.Contains(name, StringComparer.Ordinal);
                found |= inside;
            }
            else if (inside && !char.IsWhiteSpace(line[0]) && line.Split('=', 2) is [var key, var value])
            {
                // Indented lines belong to a nested setting, none of which matters here.
                into[key.Trim().ToLowerInvariant()] = value.Trim();
            }
        }

        return found;
    }
}
