using System.Diagnostics;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Edge.Admission.Estimates;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Providers;
using Gateway.Edge.Routing.Calls;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Continuation;

/// <summary>
/// Goes on with a stream that broke off: the next target of the route gets the conversation with the answer so far, and its stream is written where the first one
/// stopped. Only on routes that ask for it, and only where a text can be continued.
/// </summary>
internal sealed class StreamContinuation(CallRunner runner, AdmitStep admit, TimeProvider time)
{
    /// <summary>Most legs after the first.</summary>
    public const int MostContinuations = 2;

    // English text averages about four bytes a token in the common encodings.
    private const int BytesPerToken = 4;

    /// <summary>True when a stream of this request is kept so that it can be continued; then it is written anew even between equal dialects.</summary>
    public static bool Keeps(RequestContext context, DialectId provider) =>
        context.Route!.Entry.OnCut == CutPolicy.Continue && context.Candidates.Count > 1
        && context.Operation.Upstream == UpstreamOperation.Chat && context.Operation.Dialect != DialectId.OpenAICompletions && provider != DialectId.OpenAICompletions
        && context.Envelope.Choices == 1 && context.Chat.Problem is null && IsText(context.Chat.Request);

    /// <summary>Puts another target's stream in the place of one that broke off.</summary>
    /// <param name="context">The request; when nothing can go on it is left as it was, but for the place at the target.</param>
    /// <param name="failure">Why the stream ended.</param>
    /// <returns>True when the answer goes on.</returns>
    public async ValueTask<bool> TryAsync(RequestContext context, Failure failure)
    {
        if (context.Outcome != RequestOutcome.UpstreamCut || context.Answer.Form is not { Translation: { Legs: { } legs } translation } || context.Deployment is not { } broken)
        {
            return false;
        }

        translation.Break();
        if (!legs.CanContinue || legs.Continuations == MostContinuations)
        {
            return false;
        }

        context.Answer.Lease?.Failed("the stream was cut", null);
        context.Answer.Lease?.Dispose();
        context.Answer.Lease = null;
        context.Upstream?.Dispose();
        var used = Used(context, translation);
        var all = legs.TokensBefore.Add(used.Tokens);
        var next = new NextLeg(legs.Text, all.Generated);
        for (var i = Index(context, broken) + 1; i < context.Candidates.Count && MayCall(context); i++)
        {
            var target = context.Candidates[i];
            if (target.Unavailable(out _) is not null || target.IsLastResort)
            {
                continue;
            }

            if (!await admit.TryHoldContinuationAsync(context, next.PromptTokens).ConfigureAwait(false))
            {
                break;
            }

            context.NextLeg = next;
            var result = await runner.RunAsync(context, target, context.Http.RequestAborted).ConfigureAwait(false);
            if (result is { Verdict: Verdict.Answered, Attempt.Answer: { Stream: not null, Form.Translation: { } goesOn } })
            {
                Adopt(context, broken, used, result, translation, goesOn);
                context.Attempts.Add(broken.Id, $"its stream broke off and {target.DeploymentId} went on", StatusCodes.Status200OK, 0);
                Activity.Current?.AddEvent(new ActivityEvent("gateway.continuation", tags: new ActivityTagsCollection
                {
                    ["gateway.continuation.from"] = broken.Id,
                    ["gateway.continuation.to"] = target.DeploymentId,
                    ["gateway.continuation.reason"] = failure.Message,
                    ["gateway.continuation.characters"] = next.Text.Length,
                }));
                return true;
            }

            context.AddLoser(result);
            result.Dispose();
        }

        context.Deployment = broken;
        if (context.Http.RequestAborted.IsCancellationRequested)
        {
            context.Outcome = RequestOutcome.ClientCancelled;
        }

        return false;
    }

    private static bool IsText(ChatRequest request) =>
        request.Format is null or { Kind: ResponseFormatKind.Text } && request.LogProbabilities != true && request.TopLogProbabilities is null
        && request.Modalities.TrueForAll(static m => string.Equals(m, "text", StringComparison.OrdinalIgnoreCase));

    private bool MayCall(RequestContext context) =>
        context.Attempts.Made < context.Route!.MaxAttempts && !context.Http.RequestAborted.IsCancellationRequested
        && !(context.Route.Entry.Timeouts.AllAttemptsMs is { } most && time.GetElapsedTime(context.StartedTimestamp).TotalMilliseconds >= most);

    private static int Index(RequestContext context, Runtime.DeploymentRuntime deployment)
    {
        for (var i = 0; i < context.Candidates.Count; i++)
        {
            if (context.Candidates[i].Deployment == deployment)
            {
                return i;
            }
        }

        return context.Candidates.Count;
    }

    /// <summary>What the broken leg has used: what it reported, and an estimate of what it wrote after that.</summary>
    private static (TokenCounts Tokens, bool Estimated, bool IsPromptKnown) Used(RequestContext context, StreamTranslation translation)
    {
        var tokens = translation.Usage ?? UnreportedUse.Seen(context, context.Deployment!, 0);
        tokens.Output += (translation.UncountedBytes + BytesPerToken - 1) / BytesPerToken;
        return (tokens, translation.Usage is null || translation.UncountedBytes > 0 || !context.UsageIsWhole, translation.Usage is not null);
    }

    private static void Adopt(
        RequestContext context, Runtime.DeploymentRuntime broken, (TokenCounts Tokens, bool Estimated, bool IsPromptKnown) used, in CallResult result, StreamTranslation translation, StreamTranslation goesOn)
    {
        var billed = used.Tokens;
        if (used.Estimated)
        {
            UnreportedUse.Widen(context, ref billed, isPromptKnown: used.IsPromptKnown);
        }

        context.AddSide(broken, billed, used.Estimated);
        (context.Continued ??= []).Add(broken.Id);
        var form = context.Answer.Form;
        var prefilled = NextLeg.Prefills(context.Chat.Request, result.Attempt!.Dialect, context.ModelFor(result.Target.Deployment));
        context.Answer.Dispose();
        result.Adopt();
        translation.GoOn(goesOn, used.Tokens, prefilled);
        context.Answer.Form = form;
        context.BeginLeg();
        context.Outcome = RequestOutcome.Rejected;
    }
}
