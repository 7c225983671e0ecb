using Gateway.Contracts.Configuration;

namespace Gateway.McpHub.Configuration;

/// <summary>Makes settings of the entry that the snapshot holds of a server.</summary>
internal static class SettingsFromEntry
{
    /// <summary>The settings.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="secret">The secret of a credential by its id; null when there is none.</param>
    public static UpstreamSettings ToSettings(this McpServerEntry entry, Func<string, string?> secret)
    {
        var credential = entry.Auth?.CredentialId is { } id ? secret(id) : null;
        var headers = new Dictionary<string, string>(entry.Headers, StringComparer.OrdinalIgnoreCase);
        var isOpenApiScheme = entry.OpenApi is { SecurityScheme: not null };
        if (credential is not null && entry.Auth is { OAuth: null } auth && !isOpenApiScheme)
        {
            headers[auth.Header] = auth.Scheme.Length == 0 ? credential : $"{auth.Scheme} {credential}";
        }

        return new UpstreamSettings
        {
            Id = entry.Id,
            Transport = entry.Transport switch
            {
                McpTransport.Sse => UpstreamTransport.Sse,
                McpTransport.Stdio => UpstreamTransport.Stdio,
                McpTransport.OpenApi => UpstreamTransport.OpenApi,
                _ => UpstreamTransport.Http,
            },
            Url = entry.Url.Length == 0 ? null : entry.Url,
            AllowLinkLocal = entry.AllowLinkLocal,
            Headers = headers,
            Timeout = TimeSpan.FromSeconds(entry.TimeoutSeconds),
            MaxResponseBytes = entry.MaxResponseBytes,
            MaxConcurrent = entry.MaxConcurrentCalls,
            Stdio = entry.Stdio is { } stdio ? Stdio(stdio, secret) : null,
            OpenApi = entry.OpenApi is { } api ? OpenApi(api, isOpenApiScheme && entry.Auth?.OAuth is null ? credential : null) : null,
            OAuth = entry.Auth?.OAuth is { } oauth
                ? new OAuthSettings { ClientId = oauth.ClientId, ClientSecret = credential, Scopes = [.. oauth.Scopes], PerUser = oauth.PerUser, Issuer = oauth.Issuer }
                : null,
        };
    }

    private static StdioSettings Stdio(McpStdioEntry entry, Func<string, string?> secret) => new()
    {
        Command = entry.Command,
        Arguments = [.. entry.Arguments],
        PassedOn = [.. entry.PassEnvironment],
        Environment = entry.Environment
            .Select(v => (v.Name, Value: v.CredentialId is { } id ? secret(id) : v.Value))
            .Where(v => v.Value is not null)
            .DistinctBy(v => v.Name, StringComparer.Ordinal)
            .ToDictionary(v => v.Name, v => v.Value!, StringComparer.Ordinal),
        Folder = entry.Folder,
        MaxMemoryBytes = entry.MaxMemoryBytes,
        MaxCpuSeconds = entry.MaxCpuSeconds,
        PerSession = entry.PerSession,
    };

    private static OpenApiSettings OpenApi(McpOpenApiEntry entry, string? credential) => new()
    {
        Document = entry.Document,
        DocumentUrl = entry.DocumentUrl,
        Include = [.. entry.Include],
        Exclude = [.. entry.Exclude],
        SecurityScheme = entry.SecurityScheme,
        Credential = credential,
        Shapes = [.. entry.Shapes.Select(s => new AnswerShape { Operation = s.Operation, Keep = [.. s.Keep], MaxItems = s.MaxItems, MaxTextLength = s.MaxTextLength })],
    };
}
