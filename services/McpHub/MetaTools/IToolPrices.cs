namespace Gateway.McpHub.MetaTools;

/// <summary>What calls of tools cost, so that a program is kept within what its caller holds for it.</summary>
internal interface IToolPrices
{
    /// <summary>The price of a call in nano-US-dollars; 0 for a tool without one.</summary>
    long Of(string server, string tool);
}

/// <summary>Nothing costs anything: for a hub that runs without governance.</summary>
internal sealed class NoPrices : IToolPrices
{
    public long Of(string server, string tool) => 0;
}
