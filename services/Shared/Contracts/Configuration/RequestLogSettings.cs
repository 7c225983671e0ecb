namespace Gateway.Contracts.Configuration;

/// <summary>What an entry of the request log holds, besides its level.</summary>
public sealed record RequestLogSettings
{
    /// <summary>Most bytes kept of a request and of an answer each, after redaction. Default 64 KiB; 1 KiB to 1 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 64 * 1024;

    /// <summary>What is kept of the address of who called. Default <see cref="ClientAddressPolicy.Masked"/>.</summary>
    public ClientAddressPolicy ClientAddress { get; set; } = ClientAddressPolicy.Masked;

    /// <summary>Percent of the requests that have an entry though there is nothing to tell of them but their usage record. Default 0; 0 to 100.</summary>
    public int SamplePercent { get; set; }
}

/// <summary>What is kept of the address of who called.</summary>
public enum ClientAddressPolicy
{
    /// <summary>Nothing.</summary>
    None = 1,

    /// <summary>Its network: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.</summary>
    Masked = 2,

    /// <summary>All of it.</summary>
    Full = 3,
}
