using System.Diagnostics;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Mcp;
using Gateway.McpHub.Callers;
using Gateway.McpHub.CallLog;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.ControlPlane;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Guarding;

namespace Gateway.McpHub.Policies;

/// <summary>
/// Decides about listings and calls by governance's configuration: who may (policies, and the key's own list), which tools are there (approved definitions), how often, whether data may leave the
/// session, what guardrails say, and whether somebody has to approve. Every call is told to the log, however it ends.
/// </summary>
internal sealed class PolicyGate : IToolGate
{
    // Until a guardrail that gave no verdict may give one.
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(2);

    private readonly HubRuntime _runtime;
    private readonly ToolPrints _known;
    private readonly SessionFlows _flows;
    private readonly CallLimits _limits;
    private readonly CallGuard _guard;
    private readonly CallApproval _approval;
    private readonly CallRecorder _recorder;
    private readonly ToolReports _reports;
    private readonly TimeProvider _time;

    public PolicyGate(
        HubRuntime runtime, ToolPrints known, SessionFlows flows, CallLimits limits, CallGuard guard, CallApproval approval, CallRecorder recorder, ToolReports reports, TimeProvider time)
    {
        (_runtime, _known, _flows, _limits, _guard, _approval, _recorder, _reports, _time) = (runtime, known, flows, limits, guard, approval, recorder, reports, time);
        runtime.RulesChanged += () => Changed?.Invoke(null);
    }

    /// <inheritdoc/>
    public event Action<string?>? Changed;

    /// <inheritdoc/>
    public bool MayList(HubCaller caller, HubScope scope, HubTool tool)
    {
        var model = _runtime.Model;
        return Find(model, tool) is { } found && (IsTrial(caller) || model.Caller(caller.KeyId, _time.GetUtcNow())?.Policies.MayList(tool.Server, tool.Name) == true) && found.Settings.Enabled;
    }

    /// <inheritdoc/>
    public bool MayRead(HubCaller caller, HubScope scope, string server, HubFeature kind, string name)
    {
        // Prompts and resources belong to their server as a whole: policies that let some of its tools be used only do not let these be read.
        var model = _runtime.Model;
        return model.Server(server) is not null && (IsTrial(caller) || model.Caller(caller.KeyId, _time.GetUtcNow())?.Policies.MayList(server, "*") == true);
    }

    /// <inheritdoc/>
    public void WasRead(HubCaller caller, string server)
    {
        if (_runtime.Model.Server(server) is { } known)
        {
            _flows.Of(caller).Read(server, known.Entry.Labels);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<CallVerdict> BeforeAsync(ToolCall call, CancellationToken cancellation)
    {
        var state = new CallState(_time.GetUtcNow(), _time.GetTimestamp(), Tracing.Source.StartActivity("mcp.tool " + call.Tool.Server, ActivityKind.Internal));
        state.Activity?.SetTag("mcp.server", call.Tool.Server).SetTag("mcp.tool", call.Tool.Name).SetTag("gateway.key", call.Caller.KeyId);
        CallVerdict verdict;
        try
        {
            verdict = await DecideAsync(call, state, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _recorder.Cancelled(call, state);
            throw;
        }

        if (verdict is not CallVerdict.Pass)
        {
            _recorder.Refused(call, state, verdict);
        }

        return verdict;
    }

    /// <inheritdoc/>
    public async ValueTask<CallOutcome> AfterAsync(ToolCall call, CallVerdict.Pass pass, CallOutcome outcome, CancellationToken cancellation)
    {
        var state = (CallState)pass.State!;
        if (outcome.Reply.IsResult)
        {
            // From now on the session has it, whether anything of it is taken out again or not.
            _flows.Of(call.Caller).Read(McpIds.Tool(call.Tool.Server, call.Tool.Name), state.Labels);
            outcome = outcome with { Reply = await ResultGuard.ApplyAsync(_guard, call, state, outcome.Reply, cancellation).ConfigureAwait(false) };
        }

        _recorder.Ended(call, state, outcome);
        return outcome;
    }

    /// <inheritdoc/>
    public void Listed(string server, IReadOnlyList<HubTool> tools) => _reports.Listed(server, tools);

    // An administrator who tries a tool as nobody in particular. The edge never says so of a caller.
    private static bool IsTrial(HubCaller caller) => caller is { Origin: CallOrigin.Playground, KeyId: "" };

    private Found? Find(HubModel model, HubTool tool)
    {
        if (model.Server(tool.Server) is not { } server || !McpIds.IsGoodTool(tool.Name))
        {
            return null;
        }

        var fingerprint = _known.Of(tool, server);
        return model.IsApproved(server, McpIds.Tool(tool.Server, tool.Name), fingerprint) ? new Found(server.Settings(tool.Name), fingerprint) : null;
    }

    private async ValueTask<CallVerdict> DecideAsync(ToolCall call, CallState state, CancellationToken cancellation)
    {
        var model = _runtime.Model;
        var (server, tool, id) = (call.Tool.Server, call.Tool.Name, McpIds.Tool(call.Tool.Server, call.Tool.Name));
        if (Find(model, call.Tool) is not { } found || !found.Settings.Enabled)
        {
            return new CallVerdict.Refused(RefusalKind.Unknown, $"There is no tool '{id}', or it is withheld until its definition is approved.");
        }

        (state.Labels, state.PriceNanoUsd) = (found.Settings.Labels, found.Settings.PriceNanoUsd);
        JsonElement arguments;
        try
        {
            arguments = JsonElement.Parse(call.Arguments.Span);
        }
        catch (JsonException)
        {
            return new CallVerdict.Refused(RefusalKind.Forbidden, "The arguments are no JSON object that can be read.");
        }

        if (IsTrial(call.Caller))
        {
            return new CallVerdict.Pass { Arguments = call.Arguments, Timeout = found.Settings.Timeout, State = state };
        }

        if (model.Caller(call.Caller.KeyId, _time.GetUtcNow()) is not { } caller)
        {
            return new CallVerdict.Refused(RefusalKind.Forbidden, "The virtual key is not valid any more.");
        }

        (state.Caller, state.LogsBodies) = (caller, (caller.Key.RequestLog ?? model.Snapshot.Settings.RequestLog) == RequestLogLevel.Bodies);
        var verdict = caller.Policies.Decide(server, tool, arguments);
        if (!verdict.IsAllowed)
        {
            return new CallVerdict.Refused(RefusalKind.Forbidden, verdict.Reason!);
        }

        // Whatever asks for it, an administrator's approval is the stricter one.
        var (approval, reason) = (verdict.Approval, "A policy of the gateway lets this tool be called only when somebody approves.");
        if (found.Settings.Approval is not McpApproval.None and var wanted && approval != McpApproval.Admin)
        {
            (approval, reason) = (wanted, "This tool is called only when somebody approves.");
        }

        if (_flows.Of(call.Caller).Conflict(id, found.Settings.Labels) is { } conflict)
        {
            CallGuard.Note(state.Notes, "data flow: " + conflict);
            switch (caller.Policies.Flow)
            {
                case McpFlow.Deny:
                    return new CallVerdict.Refused(RefusalKind.DataFlow, conflict + " That is not allowed; begin a new session for it.");
                case McpFlow.Approve:
                    (approval, reason) = (McpApproval.Admin, conflict);
                    break;
                default:
                    break;
            }
        }

        if (await _limits.TakeAsync(LimitsOf(call, caller, found.Settings), cancellation).ConfigureAwait(false) is { } wait)
        {
            return new CallVerdict.Refused(RefusalKind.Limited, $"Too many calls of '{id}': try again in {Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))} s.") { RetryAfter = wait };
        }

        return await GuardedAsync(call, state, model, caller, found, approval, reason, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<CallVerdict> GuardedAsync(
        ToolCall call, CallState state, HubModel model, KnownCaller caller, Found found, McpApproval approval, string reason, CancellationToken cancellation)
    {
        var guards = model.Guards.For(caller);
        if (guards.Missing is { } missing)
        {
            return new CallVerdict.Refused(RefusalKind.Guardrail, $"The guardrail policy '{missing}' that calls must go through is not there: an administrator of the gateway has to look.");
        }

        state.Policies = guards.Policies.Sampled(call.Id);
        var sent = call.Arguments;
        if (!state.Policies.IsEmpty)
        {
            var text = System.Text.Encoding.UTF8.GetString(call.Arguments.Span);
            var guarded = await _guard.CheckArgumentsAsync(call, text, state.Policies, state.Notes, cancellation).ConfigureAwait(false);
            if (guarded.Verdict == GuardVerdict.Block)
            {
                return new CallVerdict.Refused(RefusalKind.Guardrail, guarded.Message ?? "The arguments of the call are not allowed by the gateway's guardrails.")
                {
                    RetryAfter = guarded.IsFailure ? _again : null,
                };
            }

            if (guarded.IsChanged)
            {
                sent = System.Text.Encoding.UTF8.GetBytes(guarded.Texts[0].Text);
            }

            if (guarded.Verdict == GuardVerdict.Approve && approval != McpApproval.Admin)
            {
                (approval, reason) = (McpApproval.Admin, "A guardrail lets this call pass only when somebody approves.");
            }
        }

        state.Sent = sent;
        if (approval is not McpApproval.None
            && await _approval.AskAsync(call, found.Fingerprint, approval, reason, caller.Policies.Caller.TeamId, _recorder.Shown(sent.Span), cancellation).ConfigureAwait(false) is { } held)
        {
            return held;
        }

        return new CallVerdict.Pass { Arguments = sent, Timeout = found.Settings.Timeout, State = state };
    }

    private static List<CallLimit> LimitsOf(ToolCall call, KnownCaller caller, ToolSettings settings)
    {
        var limits = new List<CallLimit>();
        if (settings.LimitPerMinute is { } most)
        {
            limits.Add(new CallLimit($"tool:{call.Tool.Server}/{call.Tool.Name}", most));
        }

        foreach (var limit in caller.Policies.Limits)
        {
            if (limit.Selects(call.Tool.Server, call.Tool.Name))
            {
                limits.Add(new CallLimit(limit.Entry.PerKey ? $"{limit.Id}:{caller.Key.Id}" : limit.Id, limit.Entry.PerMinute));
            }
        }

        return limits;
    }

    private sealed record Found(ToolSettings Settings, string Fingerprint);
}
