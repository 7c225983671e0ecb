namespace Gateway.CloudAuth.Aws;

/// <summary>Signs whole requests to AWS.</summary>
internal static class AwsSigner
{
    /// <summary>Adds date, session token and signature.</summary>
    /// <param name="request">The request, complete but for these; of its other headers only the content type is signed.</param>
    /// <param name="body">Its body.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="region">Region of the service.</param>
    /// <param name="service">Name of the service in signatures.</param>
    /// <param name="now">The time.</param>
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
