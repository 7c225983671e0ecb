using System.Net.WebSockets;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Requests;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Upstream;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.Edge.Realtime;

/// <summary>
/// Passes the messages of a session on in both directions, one at a time, so that a slow side slows the other. What the responses use is added up as it is reported, and the
/// budget always holds room for one more response; where it has none left, the session ends with an error event.
/// </summary>
internal sealed class RealtimeRelay(AdmitStep admit, InputGuard guard, IDrain drain, TimeProvider time)
{
    private const int BytesPerToken = 4;

    // For a side that does not take the end.
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(5);

    // A spoken answer takes as long as it is heard.
    private static readonly TimeSpan _longestDrain = TimeSpan.FromMinutes(2);

    public async ValueTask RunAsync(RequestContext context, WebSocket callerSocket, WebSocket providerSocket)
    {
        using var caller = new RealtimeSide(callerSocket);
        using var provider = new RealtimeSide(providerSocket);
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(context.CallsCancelled);
        var tally = new RealtimeTally();
        var up = SendUpAsync(context, caller, provider, tally, abort.Token);
        var down = SendDownAsync(context, caller, provider, tally, abort.Token);
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(drain.Deadline, context.Key!.Standing.Cut);
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, watch.Token);
        var first = await Task.WhenAny(up, down, stopped).ConfigureAwait(false);
        var ending = first == stopped ? Revocation.IsCut(context) ? RealtimeEnding.Revoked : RealtimeEnding.Stopped : await (first == up ? up : down).ConfigureAwait(false);
        if (ending.End is RealtimeEnd.CallerClosed or RealtimeEnd.CallerGone)
        {
            await DrainAsync(context, tally, down, stopped).ConfigureAwait(false);
        }

        await PartAsync(context, caller, provider, ending).ConfigureAwait(false);
        // Both sides answer the end with theirs; who does not in time is cut off.
        using var patience = new CancellationTokenSource(_farewell, time);
        await ((Task)Task.WhenAll(up, down)).WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await abort.CancelAsync().ConfigureAwait(false);
        await watch.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(up, down).ConfigureAwait(false);
        Tell(context, tally, ending);
    }

    /// <summary>Waits for what the response under way has used, where answers are read to their end though nobody waits for them.</summary>
    private async ValueTask DrainAsync(RequestContext context, RealtimeTally tally, Task down, Task stopped)
    {
        tally.IsLeft = true;
        if (context.Drains && tally.IsPending)
        {
            using var patience = new CancellationTokenSource(_longestDrain, time);
            await ((Task)Task.WhenAny(down, stopped)).WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<RealtimeEnding> SendUpAsync(RequestContext context, RealtimeSide caller, RealtimeSide provider, RealtimeTally tally, CancellationToken cancellationToken)
    {
        var guarded = context.Guard is not null || context.Model.Guards.BlockedTerms is not null;
        while (true)
        {
            var received = await caller.ReceiveAsync(cancellationToken).ConfigureAwait(false);
            if (received != RealtimeReceived.Message)
            {
                return received switch
                {
                    RealtimeReceived.Closed => new RealtimeEnding(RealtimeEnd.CallerClosed, caller.CloseStatus, caller.CloseReason),
                    RealtimeReceived.TooLarge => new RealtimeEnding(RealtimeEnd.TooLarge, WebSocketCloseStatus.MessageTooBig, null),
                    _ => new RealtimeEnding(RealtimeEnd.CallerGone, null, null),
                };
            }

            var message = caller.Message;
            if (guarded)
            {
                (message, var blocked) = caller.IsText ? await CheckAsync(context, message, cancellationToken).ConfigureAwait(false) : (message, InputGuard.Unseen(context));
                if (blocked is not null)
                {
                    await caller.SendAsync(RealtimeEvents.Error(blocked, context.Http.TraceIdentifier), WebSocketMessageType.Text, cancellationToken).ConfigureAwait(false);
                    continue;
                }
            }

            tally.Sent(message.Span);
            if (!await provider.SendAsync(message, caller.Type, cancellationToken).ConfigureAwait(false))
            {
                return new RealtimeEnding(RealtimeEnd.ProviderCut, null, null);
            }
        }
    }

    private async ValueTask<(ReadOnlyMemory<byte> Message, Failure? Failure)> CheckAsync(RequestContext context, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            return await guard.CheckAsync(context, message, ContentForm.Request, isAnswered: true, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return (message, GuardFailures.Unavailable());
        }
    }

    private async Task<RealtimeEnding> SendDownAsync(RequestContext context, RealtimeSide caller, RealtimeSide provider, RealtimeTally tally, CancellationToken cancellationToken)
    {
        var answers = RealtimeGuard.For(context);
        var passed = new List<ReadOnlyMemory<byte>>();
        while (true)
        {
            var received = await provider.ReceiveAsync(cancellationToken).ConfigureAwait(false);
            if (received != RealtimeReceived.Message)
            {
                return received == RealtimeReceived.Closed
                    ? new RealtimeEnding(RealtimeEnd.ProviderClosed, provider.CloseStatus, Scrubbed(context, provider.CloseReason))
                    : new RealtimeEnding(RealtimeEnd.ProviderCut, null, null);
            }

            var message = provider.Message;
            var reported = tally.Received(message);
            var outgoing = message.Span.IndexOf("\"error\""u8) >= 0 ? CredentialScrubber.Scrub(message, context.Deployment!.Secret) : message;
            if (!tally.IsLeft && !await PassAsync(answers, caller, provider, outgoing, passed, cancellationToken).ConfigureAwait(false))
            {
                tally.IsLeft = true;
            }

            if (tally.IsLeft)
            {
                if (context.Drains && tally.IsPending)
                {
                    continue;
                }

                return new RealtimeEnding(RealtimeEnd.CallerGone, null, null);
            }

            context.FirstByteTimestamp = context.FirstByteTimestamp == 0 ? time.GetTimestamp() : context.FirstByteTimestamp;
            if (reported && !await admit.TryGoOnAsync(context, tally.Tokens).ConfigureAwait(false))
            {
                return new RealtimeEnding(RealtimeEnd.Refused, WebSocketCloseStatus.PolicyViolation, "budget exceeded");
            }
        }
    }

    /// <summary>Passes a message of the provider on, as far as rules let it.</summary>
    /// <returns>False when the caller is gone.</returns>
    private static async ValueTask<bool> PassAsync(RealtimeGuard? guard, RealtimeSide caller, RealtimeSide provider, ReadOnlyMemory<byte> message, List<ReadOnlyMemory<byte>> passed, CancellationToken cancellationToken)
    {
        if (guard is null)
        {
            return await caller.SendAsync(message, provider.Type, cancellationToken).ConfigureAwait(false);
        }

        passed.Clear();
        var type = provider.Type;
        if (guard.Pass(message, provider.IsText, passed) is { } told)
        {
            await provider.SendAsync(told, WebSocketMessageType.Text, cancellationToken).ConfigureAwait(false);
        }

        foreach (var one in passed)
        {
            if (!await caller.SendAsync(one, type, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Tells each side that the session is over: the caller with an error event where that is nobody's wish.</summary>
    private async ValueTask PartAsync(RequestContext context, RealtimeSide caller, RealtimeSide provider, RealtimeEnding ending)
    {
        using var patience = new CancellationTokenSource(_farewell, time);
        var (status, reason) = ending.End switch
        {
            RealtimeEnd.ProviderCut => (WebSocketCloseStatus.InternalServerError, "provider connection lost"),
            RealtimeEnd.Revoked => (WebSocketCloseStatus.PolicyViolation, "API key revoked"),
            RealtimeEnd.Stopped => (WebSocketCloseStatus.EndpointUnavailable, "gateway stopping"),
            _ => (RealtimeEvents.Sendable(ending.Status), ending.Reason),
        };
        context.Failure = ending.End switch
        {
            RealtimeEnd.Refused => new Failure(GatewayError.BudgetExhausted, Step.Admit, "A budget over this API key has no room for another response of this session."),
            RealtimeEnd.ProviderCut => new Failure(GatewayError.UpstreamCut, Step.Call, "The connection to the provider was lost; begin a new session."),
            RealtimeEnd.Revoked => Revocation.End(context),
            RealtimeEnd.Stopped => new Failure(GatewayError.Stopping, Step.Call, "The gateway is stopping and its time for running sessions is over; begin a new session."),
            RealtimeEnd.TooLarge => new Failure(GatewayError.BodyTooLarge, Step.Envelope, $"A message is larger than {RealtimeSide.MaxMessageBytes} bytes."),
            _ => null,
        };
        if (context.Failure is { } failure)
        {
            await caller.SendAsync(RealtimeEvents.Error(failure, context.Http.TraceIdentifier), WebSocketMessageType.Text, patience.Token).ConfigureAwait(false);
        }

        await caller.CloseAsync(status, reason, patience.Token).ConfigureAwait(false);
        await provider.CloseAsync(ending.End == RealtimeEnd.CallerClosed ? status : WebSocketCloseStatus.NormalClosure, ending.End == RealtimeEnd.CallerClosed ? reason : null, patience.Token).ConfigureAwait(false);
    }

    private static void Tell(RequestContext context, RealtimeTally tally, RealtimeEnding ending)
    {
        context.Tokens = tally.Tokens;
        context.HasUsage = true;
        context.ProviderEngaged = tally.Tokens.Total > 0;
        if (tally.IsPending)
        {
            // A response under way when the session ended was worked on all the same.
            context.AddSide(context.Deployment!, new TokenCounts { Input = tally.SentBytes / BytesPerToken, Output = tally.Deltas }, estimated: true);
        }

        context.Outcome = ending.End switch
        {
            RealtimeEnd.CallerGone => RequestOutcome.ClientCancelled,
            RealtimeEnd.ProviderCut => RequestOutcome.UpstreamCut,
            RealtimeEnd.ProviderClosed when ending.Status is not (null or WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.EndpointUnavailable) => RequestOutcome.UpstreamError,
            RealtimeEnd.Revoked => RequestOutcome.KeyRevoked,
            RealtimeEnd.Stopped => RequestOutcome.GatewayStopped,
            _ => RequestOutcome.Completed,
        };
    }

    private static string? Scrubbed(RequestContext context, string? reason) =>
        reason is not null && context.Deployment!.Secret is { Length: > 0 } secret && reason.Contains(secret, StringComparison.Ordinal) ? null : reason;
}

/// <summary>How a session came to its end.</summary>
/// <param name="End">Who ended it.</param>
/// <param name="Status">The close code received, or null.</param>
/// <param name="Reason">The reason received, or null.</param>
internal readonly record struct RealtimeEnding(RealtimeEnd End, WebSocketCloseStatus? Status, string? Reason)
{
    public static readonly RealtimeEnding Stopped = new(RealtimeEnd.Stopped, null, null);

    public static readonly RealtimeEnding Revoked = new(RealtimeEnd.Revoked, null, null);
}

/// <summary>Who ended a session.</summary>
internal enum RealtimeEnd
{
    CallerClosed,
    CallerGone,
    ProviderClosed,
    ProviderCut,

    /// <summary>A budget has no room left.</summary>
    Refused,

    /// <summary>The caller sent a message larger than allowed.</summary>
    TooLarge,

    /// <summary>The gateway stops.</summary>
    Stopped,

    /// <summary>The key was taken away, and what is under way with it.</summary>
    Revoked,
}
