namespace Gateway.CloudAuth;

/// <summary>What fetching credentials needs of the world.</summary>
/// <param name="Http">Calls token endpoints.</param>
/// <param name="Time">The clock.</param>
/// <param name="Environment">Reads an environment variable; null or empty when it is not set.</param>
internal sealed record AuthContext(TokenHttp Http, TimeProvider Time, Func<string, string?> Environment)
{
    /// <summary>A variable's value, or null when it is blank.</summary>
    public string? Variable(string name) => Environment(name)?.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>A file of credentials, at most 256 KiB, or null when it cannot be read.</summary>
    public static async Task<string?> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var info = new FileInfo(path);
            return info.Exists && info.Length <= TokenHttp.MaxBytes ? await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }
}
