using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Auth;

/// <summary>The credentials of one identity at one server.</summary>
internal interface IUpstreamAuth
{
    /// <summary>The access token to send; null for none.</summary>
    ValueTask<string?> TokenAsync(CancellationToken cancellation);

    /// <summary>Told that the server refused a request by 401, or by 403 with <c>insufficient_scope</c>.</summary>
    /// <param name="used">The token that was sent; null for none.</param>
    /// <param name="status">401 or 403.</param>
    /// <param name="challenge">The <c>WWW-Authenticate</c> header; null when it is missing.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null when there is another token to try; else what to tell the caller.</returns>
    ValueTask<UpstreamFault?> ChallengedAsync(string? used, int status, string? challenge, CancellationToken cancellation);
}

/// <summary>No tokens: what the server's headers carry has to do.</summary>
internal sealed class NoAuth(string server) : IUpstreamAuth
{
    /// <inheritdoc/>
    public ValueTask<string?> TokenAsync(CancellationToken cancellation) => ValueTask.FromResult<string?>(null);

    /// <inheritdoc/>
    public ValueTask<UpstreamFault?> ChallengedAsync(string? used, int status, string? challenge, CancellationToken cancellation)
        => ValueTask.FromResult<UpstreamFault?>(Faults.Unauthorized(server, null));
}
