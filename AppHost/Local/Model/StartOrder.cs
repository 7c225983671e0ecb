namespace Gateway.AppHost.Local.Model;

/// <summary>Checks who waits for whom.</summary>
internal static class StartOrder
{
    /// <summary>The services in waves: each starts when those it waits for, all in earlier waves, are healthy.</summary>
    /// <exception cref="InvalidOperationException">Services wait for each other in a circle.</exception>
    public static IReadOnlyList<IReadOnlyList<ProjectResource>> Waves(IEnumerable<ProjectResource> services)
    {
        var left = services.ToList();
        var waves = new List<IReadOnlyList<ProjectResource>>();
        while (left.Count > 0)
        {
            var wave = left.Where(service => !service.WaitsFor.OfType<ProjectResource>().Any(left.Contains)).ToList();
            if (wave.Count == 0)
            {
                throw new InvalidOperationException($"These services wait for each other: {string.Join(", ", left.Select(service => service.Name))}.");
            }

            waves.Add(wave);
            left.RemoveAll(wave.Contains);
        }

        return waves;
    }
}
