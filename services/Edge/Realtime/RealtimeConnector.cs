using System.Net;
using System.Net.WebSockets;
using Gateway.CloudAuth;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Routing;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Realtime;

/// <summary>Connects to the first target of a route that lets it in.</summary>
internal sealed class RealtimeConnector(TimeProvider time)
{
    /// <summary>How often a silent connection is asked whether it still lives, and how long it may take to say so.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>Connects.</summary>
    /// <returns>A connection, or why there is none.</returns>
    public async ValueTask<(RealtimeConnection? Connection, Failure? Failure)> ConnectAsync(RequestContext context)
    {
        var last = new Failure(GatewayError.UpstreamUnavailable, Step.Call, $"No provider of '{context.ModelName}' can be called at the moment.") { RetryAfter = TimeSpan.FromSeconds(1) };
        for (var i = 0; i < context.Candidates.Count; i++)
        {
            var target = context.Candidates[i];
            if (Address(context, target.Deployment) is not { } address)
            {
                last = new Failure(GatewayError.RequestUnsupported, Step.Call, $"The provider '{target.Deployment.Provider.Id}' has no realtime API; use another model.") { Param = "model" };
                continue;
            }

            context.Deployment = target.Deployment;
            var (lease, full) = await TargetLease.TakeAsync(target, context.Settings.Health.ProviderWaitMs, context.Http.RequestAborted).ConfigureAwait(false);
            if (lease is null)
            {
                context.Attempts.Add(target.DeploymentId, full!, 0, 0);
                continue;
            }

            var (socket, failure) = await TryAsync(context, target, lease, address).ConfigureAwait(false);
            if (socket is not null)
            {
                return (new RealtimeConnection(socket, lease), null);
            }

            lease.Dispose();
            last = failure!;
            if (context.Http.RequestAborted.IsCancellationRequested)
            {
                context.Outcome = RequestOutcome.ClientCancelled;
                return (null, last);
            }
        }

        context.Outcome = last.Error == GatewayError.RequestUnsupported ? RequestOutcome.Rejected : RequestOutcome.UpstreamUnavailable;
        return (null, last);
    }

    private async ValueTask<(WebSocket? Socket, Failure? Failure)> TryAsync(RequestContext context, TargetRuntime target, TargetLease lease, Uri address)
    {
        var (deployment, provider) = (target.Deployment, target.Deployment.Provider);
        var started = time.GetTimestamp();
        var socket = new ClientWebSocket();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.Http.RequestAborted);
        limit.CancelAfter(provider.Timeouts.ConnectMs + provider.Timeouts.FirstByteMs);
        context.Attempts.CountMade();
        context.Slot?.Calling(context, deployment);
        try
        {
            // The adapter knows what the provider wants of a request; a WebSocket begins as one.
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            foreach (var name in provider.Adapter.PassedHeaders(DialectId.OpenAIChat))
            {
                if (context.Http.Request.Headers.TryGetValue(name, out var values))
                {
                    request.Headers.TryAddWithoutValidation(name, values.ToString());
                }
            }

            await provider.Adapter.PrepareAsync(request, deployment, null, limit.Token).ConfigureAwait(false);
            foreach (var header in request.Headers.NonValidated)
            {
                socket.Options.SetRequestHeader(header.Key, header.Value.ToString());
            }

            foreach (var protocol in RealtimeProtocols.PassedOn(context.Http.WebSockets))
            {
                socket.Options.AddSubProtocol(protocol);
            }

            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.KeepAliveInterval = KeepAlive;
            socket.Options.KeepAliveTimeout = KeepAlive;
            var secure = new UriBuilder(address) { Scheme = address.Scheme == "https" ? "wss" : "ws" };
            await socket.ConnectAsync(secure.Uri, provider.Invoker, limit.Token).ConfigureAwait(false);
            lease.Succeeded(time.GetElapsedTime(started).TotalMilliseconds, streamed: true);
            return (socket, null);
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or OperationCanceledException or ArgumentException)
        {
            var failure = Describe(context, target, lease, e, socket.HttpStatusCode, time.GetElapsedTime(started).TotalMilliseconds);
            socket.Dispose();
            return (null, failure);
        }
    }

    private static Failure Describe(RequestContext context, TargetRuntime target, TargetLease lease, Exception e, HttpStatusCode status, double milliseconds)
    {
        var (id, provider) = (target.DeploymentId, target.Deployment.Provider.Id);
        if (context.Http.RequestAborted.IsCancellationRequested)
        {
            return new Failure(GatewayError.UpstreamCut, Step.Call, "The caller went away.");
        }

        var code = (int)status;
        if (e is ProviderAuthException auth)
        {
            target.Credential.Retire(auth.Message);
            context.Attempts.Add(id, auth.Message, 0, milliseconds);
            return new Failure(GatewayError.UpstreamAuth, Step.Call, $"The credential for '{provider}' cannot be had.");
        }

        if (code is >= 300 and not 101)
        {
            context.Attempts.Add(id, "error status", code, milliseconds);
            switch (code)
            {
                case 401 or 403:
                    target.Credential.Retire($"the provider answered {code}");
                    return new Failure(GatewayError.UpstreamAuth, Step.Call, $"The provider '{provider}' refused the gateway's credential for a realtime session.");
                case 429:
                    target.Quota.Cool(TimeSpan.FromMilliseconds(context.Settings.Health.RateLimitCooldownMs));
                    return new Failure(GatewayError.UpstreamRateLimited, Step.Call, $"The provider '{provider}' takes no more realtime sessions at the moment.");
                case < 500:
                    return new Failure(GatewayError.RequestUnsupported, Step.Call, $"The provider '{provider}' refused the realtime session with status {code}; it may not serve the model '{context.ModelName}' this way.") { Param = "model" };
            }
        }

        var timedOut = e is OperationCanceledException;
        lease.Failed(timedOut ? "no response in time" : "connection refused or failed", null);
        context.Attempts.Add(id, timedOut ? "no response in time" : code >= 500 ? "error status" : "connection refused or failed", code, milliseconds);
        return new Failure(timedOut ? GatewayError.UpstreamTimeout : GatewayError.UpstreamUnreachable, Step.Call, $"The provider '{provider}' could not be reached for a realtime session.");
    }

    private static Uri? Address(RequestContext context, DeploymentRuntime deployment)
    {
        var model = context.ModelFor(deployment);
        var target = new UpstreamTarget(UpstreamOperation.Realtime, DialectId.OpenAIChat, model, true);
        if (deployment.Provider.Adapter.Address(target) is not { } plain)
        {
            return null;
        }

        // Azure's dated paths name the deployment, its v1 paths and everybody else the model.
        var name = plain.Query.Contains("api-version=", StringComparison.Ordinal) && !plain.AbsolutePath.Contains("/v1/", StringComparison.Ordinal) ? "deployment" : "model";
        return deployment.Provider.Adapter.Address(target with { Suffix = $"?{name}={Uri.EscapeDataString(model)}" });
    }
}

/// <summary>A provider's socket and its place at the target, given back together.</summary>
internal sealed class RealtimeConnection(WebSocket socket, TargetLease lease) : IDisposable
{
    public WebSocket Socket { get; } = socket;

    public void Dispose()
    {
        Socket.Dispose();
        lease.Dispose();
    }
}
