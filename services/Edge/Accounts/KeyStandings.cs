using System.Collections.Concurrent;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Accounts;

/// <summary>The standing of every value of every key, which survives changes of configuration.</summary>
internal sealed class KeyStandings
{
    private readonly ConcurrentDictionary<KeyHash, KeyStanding> _all = new();

    /// <summary>The standing of a value of a key; a new one for a value that was let in again.</summary>
    public KeyStanding Of(KeyHash hash) => _all.AddOrUpdate(hash, static _ => new KeyStanding(), static (_, known) => known.IsCut ? new KeyStanding() : known);

    /// <summary>Breaks off what the configuration that has come into force does not let go on. New requests no longer come by what was before.</summary>
    public void Follow(GatewayModel model)
    {
        foreach (var (hash, standing) in _all)
        {
            if (model.FindKey(hash) is not { } key)
            {
                _all.TryRemove(hash, out _);
                EndIfCut(standing, model);
                continue;
            }

            standing.Policy = key.Access.OnRevoke;
            if (key.Identity.Blocked is not null)
            {
                EndIfCut(standing, model);
            }
        }
    }

    private static void EndIfCut(KeyStanding standing, GatewayModel model)
    {
        if ((standing.Policy ?? model.Settings.OnRevoke) == RevokePolicy.Cut)
        {
            standing.End();
        }
    }
}
