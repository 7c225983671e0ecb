using System.Collections.Concurrent;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Accounts;

/// <summary>The standing of every value of every key, which survives changes of configuration.</summary>
internal sealed class KeyStandings
{
    private readonly ConcurrentDictionary<KeyHash, KeyStanding> _all = new();

    // Of callers with a token: as long as the issuer is there, and the virtual key whose policies they have.
    private readonly ConcurrentDictionary<(string Issuer, KeyHash Hash), KeyStanding> _ofTokens = new();

    /// <summary>The standing of a value of a key; a new one for a value that was let in again.</summary>
    public KeyStanding Of(KeyHash hash) => _all.AddOrUpdate(hash, static _ => new KeyStanding(), static (_, known) => known.IsCut ? new KeyStanding() : known);

    /// <summary>The standing of callers with a token of an issuer who have the policies of a key.</summary>
    public KeyStanding Of(KeyHash hash, string issuer, RevokePolicy? policy)
    {
        var standing = _ofTokens.AddOrUpdate((issuer, hash), static _ => new KeyStanding(), static (_, known) => known.IsCut ? new KeyStanding() : known);
        standing.Policy = policy;
        return standing;
    }

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

        FollowTokens(model);
    }

    private void FollowTokens(GatewayModel model)
    {
        foreach (var (place, standing) in _ofTokens)
        {
            var key = model.FindKey(place.Hash);
            standing.Policy = key is null ? standing.Policy : key.Access.OnRevoke;
            if (key is null || model.JwtIssuers.Find(place.Issuer) is null)
            {
                _ofTokens.TryRemove(place, out _);
                EndIfCut(standing, model);
            }
            else if (key.Identity.Blocked is not null)
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
