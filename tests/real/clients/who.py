"""Who calls."""

WHO = {'user_id': 'u1', 'project_id': 'p1', 'is_admin': True, 'roles': ['admin']}
