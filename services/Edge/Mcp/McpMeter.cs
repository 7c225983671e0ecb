using Gateway.Contracts.Usage;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Mcp;

/// <summary>
/// Meters calls of tools as requests are metered: limits are taken and the price is held before a call is made, and each ends in one usage record, however it ended.
/// </summary>
internal sealed class McpMeter(AdmitStep admit, SettleStep settle, TimeProvider time)
{
    private const int LongestModel = 256;

    /// <summary>A request that is a call of a tool, of which nothing is held yet.</summary>
    public RequestContext Begin(HttpContext http, GatewayModel model)
    {
        var now = time.GetUtcNow();
        var context = new RequestContext(http, OperationSpec.McpTool, model, time.GetTimestamp(), (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        _ = EnvelopeReader.Read("{}"u8, context.Operation.Shape, modelInPath: true, 1, out context.Envelope);
        return context;
    }

    /// <summary>A call that is made for another request, by the same caller.</summary>
    public RequestContext Begin(RequestContext caller)
    {
        var context = Begin(caller.Http, caller.Model);
        context.Key = caller.Key;
        context.EndUser = caller.EndUser;
        context.SessionId = caller.SessionId;
        context.Tags = caller.Tags;
        context.TagsText = caller.TagsText;
        context.HeaderMetadata = caller.HeaderMetadata;
        return context;
    }

    /// <summary>
    /// Takes the limits of a call and holds what it costs. For a program that is what many of the dearest calls would cost; where a budget has no room for so many, for fewer.
    /// </summary>
    /// <returns>What is held; or why the call may not be made. Either way <see cref="Settle"/> is to be called.</returns>
    public async ValueTask<(long NanoUsd, Failure? Failure)> HoldAsync(RequestContext context, McpPriced tool)
    {
        var name = tool.Model;
        context.ModelName = name.Length <= LongestModel ? name : name[..LongestModel];
        var highest = context.Model.McpPrices.Highest;
        if (!tool.IsProgram || highest == 0)
        {
            return (tool.NanoUsd, await admit.RunAsync(context, tool.NanoUsd).ConfigureAwait(false));
        }

        Failure? refused = null;
        foreach (var calls in (int[])[100, 20, 5, 1])
        {
            refused = await admit.RunAsync(context, highest * calls).ConfigureAwait(false);
            if (refused is not { Error: GatewayError.BudgetExhausted })
            {
                return (highest * calls, refused);
            }
        }

        return (0, refused);
    }

    /// <summary>Settles a call.</summary>
    /// <param name="context">The call.</param>
    /// <param name="nanoUsd">What it cost; 0 for one that was not made.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="status">The HTTP status that says so.</param>
    /// <param name="failure">Why it did not go well, or null.</param>
    public void Settle(RequestContext context, long nanoUsd, RequestOutcome outcome, int status, Failure? failure = null)
    {
        if (context.Settled)
        {
            return;
        }

        context.Outcome = outcome;
        context.Status = failure?.Row.Status ?? status;
        context.Failure = failure;
        if (nanoUsd > 0)
        {
            context.Side = new Routing.Calls.SideUse();
            context.Side.Add(ProviderId, default, nanoUsd, "mcp", estimated: false);
        }

        settle.Run(context);
    }

    /// <summary>Stands for the provider in what charges go by; no provider can have this id.</summary>
    public const string ProviderId = "(mcp)";
}
