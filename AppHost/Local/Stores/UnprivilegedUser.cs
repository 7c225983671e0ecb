using System.Globalization;
using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Local.Stores;

/// <summary>The user Postgres runs as: ourselves, or another one when we are root, which Postgres refuses to be.</summary>
/// <param name="Name">The user; null for ourselves.</param>
/// <param name="UserId">Its id.</param>
/// <param name="GroupId">Its group's id.</param>
/// <param name="Prefix">What to put before a command to run as that user.</param>
/// <param name="Error">Why there is none; null when there is.</param>
internal sealed record UnprivilegedUser(string? Name, uint UserId, uint GroupId, IReadOnlyList<string> Prefix, string? Error)
{
    private static readonly string[] _candidates = ["postgres", "nobody"];

    /// <summary>Finds it.</summary>
    public static UnprivilegedUser Find() =>
        OperatingSystem.IsWindows() || NativeMethods.EffectiveUserId() != 0
            ? new UnprivilegedUser(null, 0, 0, [], null)
            : ForRoot(Programs.FindSystem("setpriv"), File.Exists("/etc/passwd") ? File.ReadAllLines("/etc/passwd") : []);

    /// <summary>The user for a host that runs as root.</summary>
    /// <param name="setpriv">Path of the tool that changes users, or null.</param>
    /// <param name="accounts">Lines of the user database.</param>
    public static UnprivilegedUser ForRoot(string? setpriv, IReadOnlyList<string> accounts)
    {
        if (setpriv is null)
        {
            return Failed("it refuses to run as root, and there is no setpriv to change the user.");
        }

        foreach (var candidate in _candidates)
        {
            foreach (var account in accounts)
            {
                if (account.Split(':') is [var name, _, var user, var group, ..]
                    && name == candidate
                    && uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out var userId) && userId != 0
                    && uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var groupId))
                {
                    return new UnprivilegedUser(name, userId, groupId, [setpriv, $"--reuid={user}", $"--regid={group}", "--clear-groups", "--"], null);
                }
            }
        }

        return Failed("it refuses to run as root, and there is neither a user postgres nor nobody.");
    }

    private static UnprivilegedUser Failed(string error) => new(null, 0, 0, [], error);
}
