namespace Gateway.McpHub.Auth;

/// <summary>Finds the authorization server of a server: by the metadata of the protected resource, then by its own.</summary>
internal sealed class OAuthDiscovery(OAuthHttp http)
{
    /// <summary>What was found; null with a reason when nothing usable was.</summary>
    public async ValueTask<(Discovered? Found, string? Problem)> FindAsync(Uri server, string? configuredIssuer, BearerChallenge challenge, CancellationToken cancellation)
    {
        var resource = await ResourceAsync(server, challenge.ResourceMetadata, cancellation).ConfigureAwait(false);
        if (resource?.Resource is { } named && !Covers(named, server))
        {
            return (null, "its metadata are of another resource");
        }

        var issuer = configuredIssuer ?? resource?.AuthorizationServers?.FirstOrDefault();
        if (issuer is null)
        {
            // Before 2025-06-18 the server itself was where its authorization server is looked for.
            issuer = server.GetLeftPart(UriPartial.Authority);
            var old = await ServerAsync(issuer, cancellation).ConfigureAwait(false) ?? new ServerDocument(issuer, $"{issuer}/authorize", $"{issuer}/token", $"{issuer}/register", null, ["S256"], null, null, null);
            return (new Discovered(old, issuer, null, resource?.ScopesSupported, challenge.Scope), null);
        }

        if (await ServerAsync(issuer, cancellation).ConfigureAwait(false) is not { } document)
        {
            return (null, "its authorization server has no metadata");
        }

        // Metadata of one issuer at the address of another would let the one act as the other.
        return document.Issuer?.TrimEnd('/') != issuer.TrimEnd('/') ? (null, "the metadata of its authorization server are of another issuer")
            : document.TokenEndpoint is null ? (null, "its authorization server has no token endpoint")
            : (new Discovered(document, document.Issuer!, resource!.Resource ?? server.AbsoluteUri, resource.ScopesSupported, challenge.Scope), null);
    }

    private static bool Covers(string resource, Uri server)
        => Uri.TryCreate(resource, UriKind.Absolute, out var named)
            && named.GetLeftPart(UriPartial.Authority) == server.GetLeftPart(UriPartial.Authority)
            && (server.AbsolutePath.TrimEnd('/') + "/").StartsWith(named.AbsolutePath.TrimEnd('/') + "/", StringComparison.Ordinal);

    private async ValueTask<ResourceDocument?> ResourceAsync(Uri server, string? named, CancellationToken cancellation)
    {
        var origin = server.GetLeftPart(UriPartial.Authority);
        var path = server.AbsolutePath.TrimEnd('/');
        foreach (var address in new[] { named, $"{origin}/.well-known/oauth-protected-resource{path}", $"{origin}/.well-known/oauth-protected-resource" }.Distinct())
        {
            if (address is not null && await http.GetAsync(address, AuthJson.Default.ResourceDocument, cancellation).ConfigureAwait(false) is { } document)
            {
                return document;
            }
        }

        return null;
    }

    private async ValueTask<ServerDocument?> ServerAsync(string issuer, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var uri))
        {
            return null;
        }

        var origin = uri.GetLeftPart(UriPartial.Authority);
        var path = uri.AbsolutePath.TrimEnd('/');
        string[] addresses =
        [
            $"{origin}/.well-known/oauth-authorization-server{path}",
            $"{origin}/.well-known/openid-configuration{path}",
            $"{origin}{path}/.well-known/openid-configuration",
        ];
        foreach (var address in addresses.Distinct())
        {
            if (await http.GetAsync(address, AuthJson.Default.ServerDocument, cancellation).ConfigureAwait(false) is { } document)
            {
                return document;
            }
        }

        return null;
    }
}

/// <summary>An authorization server and what to ask it for.</summary>
internal sealed record Discovered(ServerDocument Server, string Issuer, string? Resource, List<string>? ResourceScopes, string? ChallengeScope);

/// <summary>What a <c>WWW-Authenticate</c> header says.</summary>
internal readonly record struct BearerChallenge(string? ResourceMetadata, string? Scope, string? Error)
{
    /// <summary>Reads it.</summary>
    public static BearerChallenge Read(string? header) => new(Member(header, "resource_metadata"), Member(header, "scope"), Member(header, "error"));

    private static string? Member(string? header, string name)
    {
        if (header is null)
        {
            return null;
        }

        for (var at = header.IndexOf(name + "=", StringComparison.OrdinalIgnoreCase); at >= 0; at = header.IndexOf(name + "=", at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (at > 0 && header[at - 1] is not (' ' or ','))
            {
                continue;
            }

            var value = header[(at + name.Length + 1)..];
            if (value.StartsWith('"'))
            {
                var end = value.IndexOf('"', 1);
                return end < 0 ? null : value[1..end];
            }

            var stop = value.AsSpan().IndexOfAny(',', ' ');
            return stop < 0 ? value : value[..stop];
        }

        return null;
    }
}
