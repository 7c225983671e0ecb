using System.Net;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Accounts;

/// <summary>Builds what a key may do.</summary>
internal static class KeyAccessBuilder
{
    public static KeyAccess Build(VirtualKeyEntry entry, List<string> errors)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in entry.AllowedIps)
        {
            if (TryNetwork(text, out var network))
            {
                networks.Add(network);
            }
            else
            {
                errors.Add($"Key '{entry.Id}': '{text}' is no address range; write it like 10.0.0.0/8 or 2001:db8::/32.");
            }
        }

        return new KeyAccess(entry, [.. networks]);
    }

    private static bool TryNetwork(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
        {
            return true;
        }

        if (IPAddress.TryParse(text, out var single))
        {
            network = new IPNetwork(single, single.GetAddressBytes().Length * 8);
            return true;
        }

        return false;
    }
}
