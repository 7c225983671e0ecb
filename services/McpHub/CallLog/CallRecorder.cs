using System.Diagnostics;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Mcp;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Policies;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.CallLog;

/// <summary>Makes the row of the log for each call, and ends its span.</summary>
internal sealed class CallRecorder(CallBook book, TimeProvider time)
{
    private const int MostBody = 8_000;

    // Longer ones are cut first: what is cut off needs no redaction.
    private const int MostLooked = 64_000;

    private static readonly CompiledPolicy? _redaction = PolicyCompiler.Compile(new GuardrailPolicyEntry
    {
        Id = "mcp-log",
        TimeoutMilliseconds = 60_000,
        Rules = [new GuardrailRuleEntry { Detector = "secrets", Action = GuardrailAction.Redact }, new GuardrailRuleEntry { Detector = "pii", Action = GuardrailAction.Redact }],
    }).Policy;

    /// <summary>A text as people may be shown it: secrets and personal data redacted, cut. Empty where that cannot be done.</summary>
    public string Shown(ReadOnlySpan<byte> json)
    {
        var text = Encoding.UTF8.GetString(json.Length <= MostLooked ? json : json[..MostLooked]);
        if (_redaction is null || GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], _redaction) is not { IsFailure: false, Verdict: GuardVerdict.Allow } outcome)
        {
            return "";
        }

        var redacted = outcome.Texts[0].Text;
        return redacted.Length <= MostBody ? redacted : redacted[..MostBody];
    }

    /// <summary>A call that did not go to its server.</summary>
    public void Refused(ToolCall call, CallState state, CallVerdict verdict)
    {
        var (outcome, reason) = verdict switch
        {
            CallVerdict.Pending pending => (McpCallOutcome.Unapproved, $"Waits for the approval {pending.ApprovalId}."),
            CallVerdict.Refused { Kind: RefusalKind.Limited } limited => (McpCallOutcome.Limited, limited.Sentence),
            CallVerdict.Refused { Kind: RefusalKind.Guardrail } guarded => (McpCallOutcome.Guarded, guarded.Sentence),
            CallVerdict.Refused refused => (McpCallOutcome.Refused, refused.Sentence),
            _ => (McpCallOutcome.Refused, ""),
        };
        Add(call, state, outcome, reason, default, mayHaveRun: false);
    }

    /// <summary>A call that was taken back before it went to its server.</summary>
    public void Cancelled(ToolCall call, CallState state) => Add(call, state, McpCallOutcome.Cancelled, "The caller took it back.", default, mayHaveRun: false);

    /// <summary>A call that came to an end.</summary>
    public void Ended(ToolCall call, CallState state, CallOutcome outcome)
    {
        var reply = outcome.Reply;
        var (how, reason) = reply switch
        {
            { Fault: { Kind: UpstreamFaultKind.TimedOut } fault } => (McpCallOutcome.TimedOut, fault.Sentence),
            { Fault: { Kind: UpstreamFaultKind.Cancelled } fault } => (McpCallOutcome.Cancelled, fault.Sentence),
            { Fault: { } fault } => (McpCallOutcome.Failed, fault.Sentence),
            { IsError: true } => (McpCallOutcome.ToolError, "The server answered with an error."),
            _ when state.IsResultRefused => (McpCallOutcome.Guarded, "A guardrail did not let the result through."),
            _ when JsonBytes.Flag(reply.Json.Span, "isError"u8) == true => (McpCallOutcome.ToolError, "The tool says that it failed."),
            _ => (McpCallOutcome.Done, ""),
        };
        // The edge charges by the same rule: what has a result was made, and so was what nobody knows of.
        Add(call, state, how, reason, reply.Json, mayHaveRun: reply.Fault is { } end ? !end.IsUnprocessed : !reply.IsError);
    }

    private void Add(ToolCall call, CallState state, McpCallOutcome outcome, string reason, ReadOnlyMemory<byte> result, bool mayHaveRun)
    {
        var caller = state.Caller?.Policies.Caller;
        book.Add(new McpCallRecord
        {
            Id = call.Id,
            StartedAtMicros = (state.StartedAt.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10,
            DurationMicros = (long)time.GetElapsedTime(state.Timestamp).TotalMicroseconds,
            KeyId = call.Caller.KeyId,
            TeamId = caller?.TeamId ?? "",
            CustomerId = caller?.CustomerId ?? "",
            EndUser = call.Caller.EndUser ?? "",
            SessionId = call.Caller.Session ?? "",
            TraceId = Activity.Current?.TraceId.ToString() ?? "",
            Origin = call.Caller.Origin switch
            {
                CallOrigin.Agent => McpCallOrigin.Agent,
                CallOrigin.Program => McpCallOrigin.Code,
                CallOrigin.Playground => McpCallOrigin.Playground,
                _ => McpCallOrigin.Direct,
            },
            ServerId = call.Tool.Server,
            Tool = call.Tool.Name.Length <= Mcp.McpIds.MostToolLength ? call.Tool.Name : call.Tool.Name[..Mcp.McpIds.MostToolLength],
            Outcome = outcome,
            Reason = reason.Length <= 1_000 ? reason : reason[..1_000],
            PriceNanoUsd = mayHaveRun && call.Caller.Origin != CallOrigin.Playground ? state.PriceNanoUsd : 0,
            ArgumentBytes = call.Arguments.Length,
            ResultBytes = result.Length,
            Arguments = state.LogsBodies ? Shown(state.Sent.IsEmpty ? call.Arguments.Span : state.Sent.Span) : null,
            Result = state.LogsBodies && !result.IsEmpty ? Shown(result.Span) : null,
            Notes = state.Notes,
        });
        if (state.Activity is { } activity)
        {
            activity.SetTag("gateway.mcp.outcome", outcome.ToString());
            if (outcome is not McpCallOutcome.Done)
            {
                activity.SetStatus(ActivityStatusCode.Error, reason);
            }

            activity.Dispose();
        }
    }
}
