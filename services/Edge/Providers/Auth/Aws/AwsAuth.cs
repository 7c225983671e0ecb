namespace Gateway.Edge.Providers.Auth.Aws;

/// <summary>Signs requests with AWS keys.</summary>
internal sealed class AwsAuth(TokenCache<AwsKeys> keys, string region, string service, TimeProvider time) : IUpstreamAuth
{
    public bool SignsBody => true;

    public async ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken)
    {
        if (region.Length == 0)
        {
            throw new ProviderAuthException("the AWS region is not known: set the provider's region, or AWS_REGION", credentialFault: false);
        }

        Sign(request, body ?? ReadOnlyMemory<byte>.Empty, await keys.GetAsync(cancellationToken).ConfigureAwait(false), region, service, time.GetUtcNow());
    }

    /// <summary>Adds date, session token and signature.</summary>
    public static void Sign(HttpRequestMessage request, ReadOnlyMemory<byte> body, AwsKeys keys, string region, string service, DateTimeOffset now)
    {
        var address = request.RequestUri!;
        var headers = new List<(string Name, string Value)> { ("host", address.Authority), ("x-amz-date", SigV4.AmzDate(now)) };
        if (keys.SessionToken is { Length: > 0 } session)
        {
            headers.Add(("x-amz-security-token", session));
        }

        foreach (var (name, value) in headers.Skip(1))
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (request.Content?.Headers.ContentType is { } type)
        {
            headers.Add(("content-type", type.ToString()));
        }

        var authorization = SigV4.Authorization(request.Method.Method, address.AbsolutePath, address.Query, headers, body.Span, keys, region, service, now);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
    }
}
