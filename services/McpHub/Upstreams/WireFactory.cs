using Gateway.McpHub.Auth;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.OpenApi;
using Gateway.McpHub.Upstreams.Http;
using Gateway.McpHub.Upstreams.Sse;
using Gateway.McpHub.Upstreams.Stdio;

namespace Gateway.McpHub.Upstreams;

/// <summary>Makes wires to one server.</summary>
internal sealed class WireFactory(UpstreamSettings settings, StdioHost stdio, UpstreamTokens tokens, TimeProvider time, ILoggerFactory loggers) : IDisposable
{
    private readonly HttpMessageInvoker? http = settings.Transport == UpstreamTransport.Stdio ? null : ServerClients.Create(settings.AllowLinkLocal, Math.Max(16, settings.MaxConcurrent * 2));

    /// <summary>A new wire for an identity; with <paramref name="isOldHttp"/> that of 2024-11-05.</summary>
    public async ValueTask<(Wire? Wire, UpstreamFault? Fault)> MakeAsync(HubCaller caller, bool isOldHttp, CancellationToken cancellation)
    {
        switch (settings.Transport)
        {
            case UpstreamTransport.Stdio:
                return stdio.Start(settings, loggers.CreateLogger<StdioWire>()) is { } process ? (new StdioWire(process, settings, time), null) : (null, Faults.Down(settings.Id, "its program could not be started; the log of the hub says why"));
            case UpstreamTransport.OpenApi:
                return settings.OpenApi is null ? (null, Faults.Unreachable(settings.Id, "it has no OpenAPI document")) : (new OpenApiWire(settings, http!, tokens.Of(settings, caller)), null);
            default:
                if (!Uri.TryCreate(settings.Url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                {
                    return (null, Faults.Unreachable(settings.Id, "it has no valid address"));
                }

                var calls = new HttpCalls(settings, http!, tokens.Of(settings, caller));
                if (!isOldHttp && settings.Transport == UpstreamTransport.Http)
                {
                    return (new HttpWire(calls, time), null);
                }

                return await SseWire.ConnectAsync(calls, settings, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http?.Dispose();
}
