namespace Gateway.Contracts.Health;

/// <summary>Ids in health reports of what belongs to one model only.</summary>
public static class HealthIds
{
    /// <summary>
    /// A deployment of a pattern, or a credential, as far as one of the provider's models is concerned: limits and failures of one model say nothing of the others. The
    /// ids themselves never hold a space.
    /// </summary>
    /// <param name="id">The deployment's or credential's id.</param>
    /// <param name="model">The provider's name of the model.</param>
    public static string OfModel(string id, string model) => id + " " + model;
}
