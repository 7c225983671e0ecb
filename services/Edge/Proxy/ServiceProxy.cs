using System.Diagnostics;
using System.Globalization;
using Gateway.Contracts;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Mcp;
using Gateway.Edge.Pipeline;
using Gateway.ServiceDefaults.Discovery;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Edge.Proxy;

/// <summary>Carries the admin API and the dashboard to governance and <c>/mcp</c> to the hub, so that users need one address only.</summary>
internal sealed class ServiceProxy : IDisposable
{
    private static readonly ForwarderRequestConfig _short = new() { ActivityTimeout = TimeSpan.FromSeconds(100) };

    // An MCP client keeps its event stream open without a word for as long as it lives.
    private static readonly ForwarderRequestConfig _long = new() { ActivityTimeout = TimeSpan.FromHours(12) };

    private readonly IHttpForwarder _forwarder;
    private readonly IServiceAddresses _addresses;
    private readonly McpEndpoint _mcp;
    private readonly HttpMessageInvoker _invoker;
    private readonly HttpTransformer _toGovernance = new WithoutInternals(null, null, null);
    private readonly string? _internalToken;

    public ServiceProxy(IHttpForwarder forwarder, IServiceAddresses addresses, McpEndpoint mcp, IConfiguration configuration)
    {
        _forwarder = forwarder;
        _addresses = addresses;
        _mcp = mcp;
        _internalToken = configuration[WireNames.InternalTokenKey];
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            EnableMultipleHttp2Connections = true,
        });
    }

    /// <summary>Maps what is proxied. Anything under <c>/internal</c> is not; the addresses of the public API do not come this far.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.Map("/internal/{**rest}", http => NotFoundAsync(http, "There is nothing here."));
        app.Map("/mcp/{**rest}", http => _mcp.ServeAsync(http, ToHubAsync));

        // Browsers come back here from the authorization servers of MCP servers; the state in the address is what proves who comes.
        app.Map("/mcp-connect/{**rest}", ToConnectAsync);
        app.MapFallback("{**rest}", ToGovernanceAsync);
    }

    public void Dispose() => _invoker.Dispose();

    private Task ToGovernanceAsync(HttpContext http) => ForwardAsync(http, WireNames.Governance, _short, _toGovernance);

    private Task ToConnectAsync(HttpContext http) => ForwardAsync(http, WireNames.McpHub, _short, _toGovernance);

    private Task<ForwardEnd> ToHubAsync(HttpContext http, RequestContext caller, long? holdNanoUsd) =>
        ForwardAsync(http, WireNames.McpHub, _long, new WithoutInternals(_internalToken, caller, holdNanoUsd));

    private async Task<ForwardEnd> ForwardAsync(HttpContext http, string service, ForwarderRequestConfig config, HttpTransformer transformer)
    {
        if (!_addresses.TryResolve(service, out var address))
        {
            await NotFoundAsync(http, $"This gateway runs without its {service} service, which would serve {http.Request.Path}.").ConfigureAwait(false);
            return ForwardEnd.NotReached;
        }

        var error = await _forwarder.SendAsync(http, address.GetLeftPart(UriPartial.Authority), _invoker, config, transformer, http.RequestAborted).ConfigureAwait(false);
        if (error is not (ForwarderError.None or ForwarderError.RequestCanceled) && !http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            await WriteAsync(http, new Failure(GatewayError.ServiceUnavailable, Step.Http, $"The gateway's {service} service does not answer at the moment; inference is not affected. Try again in a few seconds.") { RetryAfter = TimeSpan.FromSeconds(2) }).ConfigureAwait(false);
            return WasNeverThere(http) ? ForwardEnd.NotReached : ForwardEnd.BrokeOff;
        }

        return ForwardEnd.Answered;
    }

    /// <summary>No connection was made, so that nothing was asked of the service. Of any other fault nobody knows.</summary>
    private static bool WasNeverThere(HttpContext http) => http.Features.Get<IForwarderErrorFeature>()?.Exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } => true,
        // The only time limit there is that is shorter than half a day.
        OperationCanceledException { InnerException: TimeoutException } => true,
        _ => false,
    };

    private static Task NotFoundAsync(HttpContext http, string message) => WriteAsync(http, new Failure(GatewayError.NotFound, Step.Http, message));

    private static Task WriteAsync(HttpContext http, Failure failure) => ErrorResponse.WriteAsync(http, failure, null).AsTask();

    /// <summary>Takes out what callers may not claim for themselves and adds what the hub is to know of them.</summary>
    private sealed class WithoutInternals(string? internalToken, RequestContext? caller, long? holdNanoUsd) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
            foreach (var name in httpContext.Request.Headers.Keys.Where(static k => k.StartsWith("x-gateway-", StringComparison.OrdinalIgnoreCase)))
            {
                proxyRequest.Headers.Remove(name);
            }

            if (Activity.Current is not null)
            {
                // The client puts this request's own context in their place.
                proxyRequest.Headers.Remove("traceparent");
                proxyRequest.Headers.Remove("tracestate");
            }

            proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Host", httpContext.Request.Host.Value);
            proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Proto", httpContext.Request.Scheme);
            proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-For", httpContext.Connection.RemoteIpAddress?.ToString());
            if (caller is not null)
            {
                proxyRequest.Headers.Remove("Authorization");
                proxyRequest.Headers.TryAddWithoutValidation(WireNames.InternalTokenHeader, internalToken);
                proxyRequest.Headers.TryAddWithoutValidation(WireNames.CallerHeader, caller.Key!.Id);
                CallerHeaders.Add(proxyRequest, caller);
                if (holdNanoUsd is { } hold)
                {
                    proxyRequest.Headers.TryAddWithoutValidation(WireNames.McpHoldHeader, hold.ToString(CultureInfo.InvariantCulture));
                }
            }
        }
    }
}
