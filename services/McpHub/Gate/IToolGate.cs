using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;

namespace Gateway.McpHub.Gate;

/// <summary>
/// Decides who may do what with which tool, before and after each call. Every path to a server goes through it: clients of <c>/mcp</c>, agent mode,
/// programs of code mode, the playground. Implementations are asked on every listing and call, so they answer from memory.
/// </summary>
internal interface IToolGate
{
    /// <summary>Whether a tool is shown. True exactly if there are arguments with which <see cref="BeforeAsync"/> would not refuse a call.</summary>
    bool MayList(HubCaller caller, HubScope scope, HubTool tool);

    /// <summary>Whether a prompt or resource of a server may be listed and read.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="scope">Through which address.</param>
    /// <param name="server">Id of the server.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="name">Name of the prompt, URI of the resource, or URI template.</param>
    bool MayRead(HubCaller caller, HubScope scope, string server, HubFeature kind, string name);

    /// <summary>Takes note that a caller got a prompt or the content of a resource.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="server">Id of the server.</param>
    void WasRead(HubCaller caller, string server)
    {
    }

    /// <summary>Decides about a call and changes its arguments where a guardrail says so.</summary>
    ValueTask<CallVerdict> BeforeAsync(ToolCall call, CancellationToken cancellation);

    /// <summary>
    /// Takes note of how a call ended that <see cref="BeforeAsync"/> let pass, and gives what the caller gets. Called exactly once for each such call, also when it was cancelled.
    /// </summary>
    /// <returns>The result with which to answer: the server's, or what guardrails made of it.</returns>
    ValueTask<CallOutcome> AfterAsync(ToolCall call, CallVerdict.Pass pass, CallOutcome outcome, CancellationToken cancellation);

    /// <summary>Told of every listing that a server gave, before anybody is shown a tool of it: what is new or changed is pinned or withheld here.</summary>
    void Listed(string server, IReadOnlyList<HubTool> tools);

    /// <summary>Raised with the id of a server, or null for all, when what callers are shown may have changed.</summary>
    event Action<string?>? Changed;
}

/// <summary>What else than tools servers offer.</summary>
internal enum HubFeature
{
    /// <summary>A prompt.</summary>
    Prompt,

    /// <summary>A resource.</summary>
    Resource,

    /// <summary>A template of resources.</summary>
    ResourceTemplate,
}
