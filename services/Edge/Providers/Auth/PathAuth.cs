namespace Gateway.Edge.Providers.Auth;

/// <summary>A key that goes into another header below one path, as in the Gemini API, whose OpenAI-compatible part wants it as a bearer token.</summary>
internal sealed class PathAuth(string path, HeaderAuth below, HeaderAuth otherwise) : IUpstreamAuth
{
    public bool SignsBody => false;

    public ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken) =>
        (request.RequestUri!.AbsolutePath.Contains(path, StringComparison.Ordinal) ? below : otherwise).ApplyAsync(request, body, cancellationToken);
}
