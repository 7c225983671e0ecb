using System.Text;
using Gateway.AppHost.Local.Stores;

namespace Gateway.AppHost.Local.Hosting;

/// <summary>The few lines that say where everything is, once it runs.</summary>
internal static class Banner
{
    /// <summary>What the first line begins with; programs that start the host wait for it.</summary>
    public const string ReadyPrefix = "Gateway ready: ";

    /// <summary>The lines.</summary>
    /// <param name="gateway">The address users call.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="isDevelopment">Whether the development key may be shown.</param>
    /// <param name="stores">What became of each store.</param>
    /// <param name="took">How long the start took.</param>
    public static string Compose(string gateway, DataDirectory data, bool isDevelopment, IEnumerable<StoreOutcome> stores, TimeSpan took)
    {
        var text = new StringBuilder();
        text.AppendLine($"{ReadyPrefix}{gateway}");
        text.AppendLine($"  API        {gateway}/v1");
        text.AppendLine($"  Dashboard  {gateway}/");
        var adminKey = data.File("admin.key");
        if (File.Exists(adminKey))
        {
            text.AppendLine($"  Admin key  in {adminKey}");
        }

        var developmentKey = data.File("dev.key");
        if (isDevelopment && File.Exists(developmentKey))
        {
            text.AppendLine($"  Dev key    {File.ReadAllText(developmentKey).Trim()}");
        }

        foreach (var store in stores)
        {
            text.AppendLine($"  {store.Name,-9}  {store.Detail}");
        }

        text.Append($"  Started in {took.TotalSeconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)} s; logs in {data.File("logs")}; Ctrl-C stops everything.");
        return text.ToString();
    }
}
