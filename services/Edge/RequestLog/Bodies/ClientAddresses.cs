using System.Net;
using System.Net.Sockets;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.RequestLog.Bodies;

/// <summary>The address of who called, as the policy wants it.</summary>
internal static class ClientAddresses
{
    private const int KeptOfV4 = 3;
    private const int KeptOfV6 = 6;

    public static string Of(IPAddress? address, ClientAddressPolicy policy)
    {
        if (address is null || policy == ClientAddressPolicy.None)
        {
            return "";
        }

        var own = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (policy == ClientAddressPolicy.Full)
        {
            return own.ToString();
        }

        var bytes = own.GetAddressBytes();
        var kept = own.AddressFamily == AddressFamily.InterNetwork ? KeptOfV4 : KeptOfV6;
        bytes.AsSpan(kept).Clear();
        return $"{new IPAddress(bytes)}/{kept * 8}";
    }
}
