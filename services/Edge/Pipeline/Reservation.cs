namespace Gateway.Edge.Pipeline;

/// <summary>What one request holds until it settles.</summary>
internal struct Reservation
{
    /// <summary>True once limits and budgets are held, so that settling must give them back.</summary>
    public bool Active { get; set; }

    /// <summary>Nano-US-dollars held on every budget over the key.</summary>
    public long HeldNanoUsd { get; set; }

    /// <summary>The part of it that bounds a single call.</summary>
    public long CallBoundNanoUsd { get; set; }

    /// <summary>Tokens taken from every token limit over the key.</summary>
    public long HeldTokens { get; set; }

    /// <summary>The estimate of prompt tokens, an upper bound for text.</summary>
    public long PromptTokens { get; set; }
}
