using System.Diagnostics.CodeAnalysis;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Accounts;

/// <summary>
/// Whether one value of a key still stands, for the requests that came with it and are under way. They hold it to their end, whatever configuration is in force meanwhile,
/// so that looking costs one volatile read, and waiting can be ended.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A source without timer and wait handle holds nothing that the collector would not free; requests hold it beyond any owner.")]
internal sealed class KeyStanding
{
    private readonly CancellationTokenSource _cut = new();
    private volatile bool _isCut;

    /// <summary>True once requests under way are to be broken off. It stays so.</summary>
    public bool IsCut => _isCut;

    /// <summary>Cancelled when requests under way are to be broken off.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <summary>What the key itself says of requests under way; null for the settings. Kept for the moment when there is no key any more.</summary>
    public RevokePolicy? Policy { get; set; }

    /// <summary>Breaks off every request under way.</summary>
    public void End()
    {
        _isCut = true;
        // Asynchronous: who puts a configuration in force must not wait for thousands of streams to wind up. Registrations cancel calls and never throw.
        _ = _cut.CancelAsync();
    }
}
