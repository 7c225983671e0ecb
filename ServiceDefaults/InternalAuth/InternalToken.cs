using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Gateway.ServiceDefaults.InternalAuth;

/// <summary>
/// The secret that services show each other. Without a configured one a random one is made, so that every internal call
/// is refused rather than let in.
/// </summary>
public sealed partial class InternalToken
{
    private readonly byte[] hash;
    private readonly ILogger<InternalToken> log;
    private int warned;

    /// <summary>Reads the token from configuration.</summary>
    /// <param name="configuration">Where <see cref="WireNames.InternalTokenKey"/> is looked up.</param>
    /// <param name="log">Where a missing token is told.</param>
    public InternalToken(IConfiguration configuration, ILogger<InternalToken> log)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        this.log = log;
        var configured = configuration[WireNames.InternalTokenKey]?.Trim();
        IsConfigured = !string.IsNullOrEmpty(configured);
        Value = IsConfigured ? configured! : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        hash = SHA256.HashData(Encoding.UTF8.GetBytes(Value));
    }

    /// <summary>False when the token is a random one that nobody else knows.</summary>
    public bool IsConfigured { get; }

    /// <summary>What to send in <see cref="WireNames.InternalTokenHeader"/>. A secret: never log it.</summary>
    public string Value { get; }

    /// <summary>True when the presented token is this one; takes the same time whatever was presented.</summary>
    /// <param name="presented">The header's value; null for a missing header.</param>
    public bool Matches(string? presented)
    {
        // Hashing first makes both sides equally long, so that the comparison tells nothing about the length either.
        Span<byte> other = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(presented ?? ""), other);
        return CryptographicOperations.FixedTimeEquals(hash, other) && presented is not null;
    }

    internal void WarnWhenMissing()
    {
        if (!IsConfigured && Interlocked.Exchange(ref warned, 1) == 0)
        {
            Missing();
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "No internal token is configured: every internal call to this service will be refused. Set Gateway:InternalToken (environment variable Gateway__InternalToken) to the same secret in all services")]
    private partial void Missing();
}
