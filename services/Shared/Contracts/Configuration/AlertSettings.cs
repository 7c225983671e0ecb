namespace Gateway.Contracts.Configuration;

/// <summary>What governance tells alert channels of, besides the shares of budgets, which budgets say themselves.</summary>
public sealed record AlertSettings
{
    /// <summary>Per cent of a provider's requests in the window that must fail for an alert. Default 25; 0: no alert; 0 to 100.</summary>
    public int ErrorRatePercent { get; set; } = 25;

    /// <summary>Requests in the window below which nothing is said. Default 50; 1 to 1,000,000.</summary>
    public int ErrorMinimumRequests { get; set; } = 50;

    /// <summary>Length of the window in minutes. Default 5; 1 to 60.</summary>
    public int ErrorWindowMinutes { get; set; } = 5;

    /// <summary>True (default): an alert when every deployment of a provider that edges use rests, and another when one can be called again.</summary>
    public bool ProviderDown { get; set; } = true;

    /// <summary>How many times the mean hour of the seven days before this hour's spend must be for an alert, over all and for each team. Default 5; 0: no alert; 0 to 1,000.</summary>
    public double SpendFactor { get; set; } = 5;

    /// <summary>Spend of this hour below which nothing is said, in nano-US-dollars. Default 10 dollars.</summary>
    public long SpendMinimumNanoUsd { get; set; } = 10_000_000_000;
}
