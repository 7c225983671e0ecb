namespace Gateway.ServiceDefaults.Discovery;

/// <summary>
/// Sends a request for <c>http://{service}/path</c> to where that service is. A host that no variable names goes out as
/// it stands, so that names known to DNS (compose, Kubernetes) work without any variable.
/// </summary>
/// <param name="addresses">Where the services are.</param>
public sealed class ServiceAddressHandler(IServiceAddresses addresses) : DelegatingHandler
{
    /// <inheritdoc />
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.RequestUri is { IsDefaultPort: true } uri && addresses.TryResolve(uri.Host, out var address))
        {
            request.RequestUri = Resolve(address, uri);
        }

        return base.SendAsync(request, cancellationToken);
    }

    // The address may have a path of its own, when the service sits behind a prefix.
    private static Uri Resolve(Uri address, Uri uri)
    {
        var prefix = address.AbsolutePath.AsSpan().TrimEnd('/');
        return new Uri($"{address.GetLeftPart(UriPartial.Authority)}{prefix}{uri.PathAndQuery}");
    }
}
