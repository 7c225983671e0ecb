using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;

namespace Gateway.McpHub.Gate;

/// <summary>Lets everything pass: for a hub that runs on a file of its own, where whoever wrote the file answers for the servers in it.</summary>
internal sealed class PermissiveGate : IToolGate
{
    /// <inheritdoc/>
    public event Action<string?>? Changed
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public bool MayList(HubCaller caller, HubScope scope, HubTool tool) => true;

    /// <inheritdoc/>
    public bool MayRead(HubCaller caller, HubScope scope, string server, HubFeature kind, string name) => true;

    /// <inheritdoc/>
    public ValueTask<CallVerdict> BeforeAsync(ToolCall call, CancellationToken cancellation)
        => ValueTask.FromResult<CallVerdict>(new CallVerdict.Pass { Arguments = call.Arguments });

    /// <inheritdoc/>
    public ValueTask<CallOutcome> AfterAsync(ToolCall call, CallVerdict.Pass pass, CallOutcome outcome, CancellationToken cancellation)
        => ValueTask.FromResult(outcome);

    /// <inheritdoc/>
    public void Listed(string server, IReadOnlyList<HubTool> tools)
    {
    }
}
