using Gateway.Contracts.Mcp;

namespace Gateway.Edge.Tools;

/// <summary>A request that is answered by running tools: the tools, the limits, and how far it is.</summary>
internal sealed class AgentRun(ToolWish wish, ToolBody body, IReadOnlyDictionary<string, HubToolInfo> tools)
{
    private int _calls;

    public ToolWish Wish { get; } = wish;

    /// <summary>The caller's body, to which each turn adds.</summary>
    public ToolBody Body { get; } = body;

    /// <summary>The hub's tools by the names that the model calls them by.</summary>
    public IReadOnlyDictionary<string, HubToolInfo> Tools { get; } = tools;

    /// <summary>What all of it has cost so far.</summary>
    public AgentBill Bill { get; } = new();

    /// <summary>Turns of the model so far.</summary>
    public int Turns { get; set; }

    /// <summary>Calls that the gateway has run so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>What is to be approved before the loop can go on.</summary>
    public IReadOnlyList<string> Approvals { get; set; } = [];

    /// <summary>Why the loop ended, as callers are told.</summary>
    public string Stop { get; set; } = "done";

    /// <summary>What callers are told of it.</summary>
    public string Summary => $"turns={Turns}; calls={Calls}; stop={Stop}{(Approvals.Count > 0 ? $"; approval={string.Join(' ', Approvals)}" : "")}";

    /// <summary>Counts a call.</summary>
    public void CountCall() => Interlocked.Increment(ref _calls);
}

/// <summary>Adds up what requests of one loop cost. Safe for several threads.</summary>
internal sealed class AgentBill
{
    private long _nanoUsd;

    public long NanoUsd => Interlocked.Read(ref _nanoUsd);

    public void Add(long nanoUsd) => Interlocked.Add(ref _nanoUsd, nanoUsd);
}
