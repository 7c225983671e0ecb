using System.Diagnostics;
using Gateway.Contracts;
using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Runtime;
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
    private readonly IdentifyStep _identify;
    private readonly RuntimeHolder _runtime;
    private readonly HttpMessageInvoker _invoker;
    private readonly HttpTransformer _toGovernance = new WithoutInternals(null, null);
    private readonly string? _internalToken;

    public ServiceProxy(IHttpForwarder forwarder, IServiceAddresses addresses, IdentifyStep identify, RuntimeHolder runtime, IConfiguration configuration)
    {
        _forwarder = forwarder;
        _addresses = addresses;
        _identify = identify;
        _runtime = runtime;
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
        app.Map("/mcp/{**rest}", ToHubAsync);
        app.MapFallback("{**rest}", http => ForwardAsync(http, WireNames.Governance, _short, _toGovernance));
    }

    public void Dispose() => _invoker.Dispose();

    private Task ToHubAsync(HttpContext http)
    {
        if (_runtime.Current is not { } model)
        {
            return WriteAsync(http, new Failure(GatewayError.NotReady, Step.Http, "The gateway has no configuration yet; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) });
        }

        return _identify.Identify(http, model, out var key) is { } failure ? WriteAsync(http, failure) : ForwardAsync(http, key!);
    }

    /// <summary>Forwards to the hub, for as long as the key stands.</summary>
    private async Task ForwardAsync(HttpContext http, KeyRuntime key)
    {
        using var revoked = key.Standing.Cut.UnsafeRegister(static h => ((HttpContext)h!).Abort(), http);
        await ForwardAsync(http, WireNames.McpHub, _long, new WithoutInternals(_internalToken, key.Id)).ConfigureAwait(false);
    }

    private async Task ForwardAsync(HttpContext http, string service, ForwarderRequestConfig config, HttpTransformer transformer)
    {
        if (!_addresses.TryResolve(service, out var address))
        {
            await NotFoundAsync(http, $"This gateway runs without its {service} service, which would serve {http.Request.Path}.").ConfigureAwait(false);
            return;
        }

        var error = await _forwarder.SendAsync(http, address.GetLeftPart(UriPartial.Authority), _invoker, config, transformer, http.RequestAborted).ConfigureAwait(false);
        if (error is not (ForwarderError.None or ForwarderError.RequestCanceled) && !http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            await WriteAsync(http, new Failure(GatewayError.ServiceUnavailable, Step.Http, $"The gateway's {service} service does not answer at the moment; inference is not affected. Try again in a few seconds.") { RetryAfter = TimeSpan.FromSeconds(2) }).ConfigureAwait(false);
        }
    }

    private static Task NotFoundAsync(HttpContext http, string message) => WriteAsync(http, new Failure(GatewayError.NotFound, Step.Http, message));

    private static Task WriteAsync(HttpContext http, Failure failure) => ErrorResponse.WriteAsync(http, failure, null).AsTask();

    /// <summary>Takes out what callers may not claim for themselves and adds what the hub is to know of them.</summary>
    private sealed class WithoutInternals(string? internalToken, string? keyId) : HttpTransformer
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
            if (keyId is not null)
            {
                proxyRequest.Headers.Remove("Authorization");
                proxyRequest.Headers.TryAddWithoutValidation(WireNames.InternalTokenHeader, internalToken);
                proxyRequest.Headers.TryAddWithoutValidation(WireNames.CallerHeader, keyId);
            }
        }
    }
}
