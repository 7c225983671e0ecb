namespace Gateway.Edge.StoredObjects;

/// <summary>An object that a provider keeps.</summary>
/// <param name="HolderId">Id of the deployment or provider whose account holds it.</param>
/// <param name="RawId">Its id there.</param>
internal readonly record struct ObjectRef(string HolderId, string RawId);
